package ecsbg.rehearsal;

import ecsbg.aws.Json;
import ecsbg.aws.Program;
import ecsbg.aws.Standin;
import ecsbg.demo.BuildLog;
import ecsbg.demo.Docker;
import ecsbg.demo.Tables;
import ecsbg.pipeline.Interruption;
import ecsbg.pipeline.Pipeline;
import ecsbg.pipeline.Run;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One scenario, from its beginning to its end: a world of its own, a build, and what came of it. */
final class Rehearsal {
    private final Options options;
    private final Scenario scenario;
    private final OwnSteps ownSteps;
    private final Program program;
    private final Path home;
    private final PrintStream out;

    Rehearsal(Options options, Scenario scenario, OwnSteps ownSteps, Program program, Path home, PrintStream out) {
        this.options = options;
        this.scenario = scenario;
        this.ownSteps = ownSteps;
        this.program = program;
        this.home = home;
        this.out = out;
    }

    /** What is told of it in the end. */
    record Told(Scenario scenario, boolean held, List<String> lines) {}

    Told run(UnknownSteps unknown) throws Exception {
        Files.createDirectories(home);
        Interruption interruption = scenario.interruption();
        try (Standin standin = Standin.start(options.root().resolve("tests/aws"), "stateful");
            Worlds worlds = new Worlds(standin, program, options, scenario, home, out)) {
            Run run = build(worlds, unknown, interruption);
            worlds.quiet();
            Files.write(home.resolve("log"), run.log);
            Tables.steps(run, worlds.calls(), out);
            for (Run.Input question : run.inputs) out.println("  asked: \"" + question.message + "\": " + question.answer);
            return told(run, worlds, interruption != null && interruption.hasHappened());
        }
    }

    private Run build(Worlds worlds, UnknownSteps unknown, Interruption interruption) throws Exception {
        BuildLog log = new BuildLog(out);
        Repository repository = Repository.copied(options.repository(), home.resolve("repository"));
        Pipeline pipeline = Pipeline.of(options.jenkinsfile()).library(options.root().resolve("vars"), options.root().resolve("resources"))
            .source(repository.dir()).commit(repository.commit()).home(home.resolve("jenkins"))
            .env(environment()).env(options.variables()).env("ECS_BG_HELPER", program.binary().toString())
            .wholeSandbox().realTime().approver(options.answers()).beforeSh(worlds)
            .log(log).onStageEnd(log::passed);
        options.parameters().forEach(pipeline::param);
        ownSteps.addTo(pipeline);
        unknown.symbols().forEach(pipeline::symbol);
        if (interruption != null) pipeline.interrupt(interruption);
        return pipeline.run();
    }

    /** On the PATH, before the real one: a docker that needs no registry. */
    private Map<String, String> environment() throws IOException, InterruptedException {
        Path tools = Files.createDirectories(home.resolve("tools"));
        Files.createSymbolicLink(tools.resolve("docker"), options.root().resolve("tests/pipeline/demo/docker"));
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("PATH", tools + ":" + System.getenv("PATH"));
        // the workspaces are within this checkout, which is none of the team's
        environment.put("GIT_CEILING_DIRECTORIES", home.toString());
        environment.putAll(Docker.variables(home.resolve("docker.log")));
        return environment;
    }

    private Told told(Run run, Worlds worlds, boolean happened) throws Exception {
        List<String> lines = new ArrayList<>();
        boolean held = true;
        if (worlds.all().isEmpty()) {
            held = false;
            lines.add("✗ no deployment came: " + (run.failure == null ? "nothing called ecs-bg for a service" : "the build ended before: " + run.failure.getMessage()));
        }
        run.refusals.forEach(refused -> lines.add("! Jenkins' sandbox refuses, unless an administrator approves it: " + refused));
        for (World world : worlds.all()) {
            Path report = report(run, world.places);
            Seen seen = world.seen(run, report == null ? Map.of() : Json.read(Files.readString(report)), happened);
            if (worlds.all().size() > 1) lines.add(world.places.service() + " in cluster " + world.places.cluster());
            for (Expected.Line line : Expected.of(scenario, seen, options.answers().reject())) {
                held &= line.held() == null || line.held();
                lines.add(line.toString());
            }
            lines.add("  " + seen.requests());
            if (report != null) {
                out.println();
                world.draw(report).forEach(drawn -> out.println("  " + drawn));
                lines.add("  picture: " + shown(Path.of(report.toString().replaceFirst("\\.json$", ".svg"))));
            }
        }
        lines.add(String.format("  %.0f s; log, archive and workspaces: %s", run.realMillis / 1000.0, shown(home)));
        return new Told(scenario, held, lines);
    }

    private Path shown(Path path) {
        return path.startsWith(options.root()) ? options.root().relativize(path) : path;
    }

    /** The report that the deployment of this service has archived; null where there is none. */
    private static Path report(Run run, Places places) throws IOException {
        for (String file : run.archived) {
            if (!file.endsWith(".json")) continue;
            Path report = run.archive.resolve(file);
            Map<String, Object> read = Json.read(Files.readString(report));
            if (places.service().equals(read.get("service")) && (read.get("cluster") == null || places.cluster().equals(read.get("cluster")))) return report;
        }
        return null;
    }
}
