package ecsbg.demo;

import ecsbg.aws.Standin;
import ecsbg.pipeline.Approver;
import ecsbg.pipeline.Pipeline;
import ecsbg.pipeline.Run;
import groovy.json.JsonSlurper;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Jenkins, an agent, and AWS; a deployment is one build in it. */
final class World {
    private static final String APPROVER = "alice";
    static final Map<String, Object> CLEANUP = Map.of("ACTION", "Delete");
    private final Path root;
    private final Path home;
    private final Path binary;
    final Standin.Account account;
    final Map<String, Object> made;
    final Map<String, String> environment;
    private final List<Path> reports = new ArrayList<>();

    World(Path root, Path home, Path binary, Standin.Account account, Map<String, Object> made, Map<String, String> environment) {
        this.root = root;
        this.home = home;
        this.binary = binary;
        this.account = account;
        this.made = made;
        this.environment = environment;
    }

    /** Everything that is known about one build afterwards. */
    record Seen(Deployment deployment, Run run, Map<String, Object> report, Map<String, Object> before, Map<String, Object> after,
            List<Map<String, Object>> calls, List<Map<String, Object>> history) {}

    void deploy(Deployment d, Checks checks, PrintStream out) throws Exception {
        Demo.heading(out, d.title());
        out.println("commit " + d.commit());
        account.forget();
        out.println("\nBefore");
        Map<String, Object> before = status(out);
        account.forget();
        out.println("\nThe build's log");
        Path jenkins = home.resolve("build-" + d.number());
        BuildLog log = new BuildLog(out);
        Run run = Pipeline.of(root.resolve("Jenkinsfile.example")).library(root.resolve("vars"), root.resolve("resources"))
            .source(home.resolve("repository")).commit(d.commit()).home(jenkins)
            .env(environment).env("ECS_BG_HELPER", binary.toString())
            .env("BUILD_NUMBER", String.valueOf(d.number())).env("BUILD_TAG", d.id())
            .env("BUILD_URL", "https://jenkins.example/job/shop/job/web/" + d.number() + "/")
            .approver(World::answer)
            .log(log).onStageEnd(log::passed).run();
        Files.write(jenkins.resolve("log"), run.log);
        List<Map<String, Object>> calls = account.calls();
        for (String file : run.archived) {
            if (file.endsWith(".json")) reports.add(run.archive.resolve(file));
        }
        Tables.steps(run, calls, out);
        Tables.answers(run, out);
        out.println("\nAfter");
        Map<String, Object> after = d.good() ? status(out) : settled(out);
        checks.of(new Seen(d, run, report(run), before, after, calls, account.history()), made);
    }

    /** Somebody says yes, and where there is a choice, that the previous version may go. */
    private static Approver.Answer answer(Run.Input question) {
        return Approver.Answer.approve(APPROVER, isChoice(question) ? CLEANUP : Map.of());
    }

    static boolean isChoice(Run.Input question) {
        return question.parameters.stream().anyMatch(p -> CLEANUP.containsKey(p.name()));
    }

    /** A rollback asks for the deletion and does not wait for it; it is over within seconds, or it is not. */
    private Map<String, Object> settled(PrintStream out) throws Exception {
        for (int tries = 0; tries < 20; tries++) {
            if (list(status(null), "result.taskSets").size() == 1) break;
            Thread.sleep(500);
        }
        return status(out);
    }

    private Map<String, Object> status(PrintStream out) throws Exception {
        return program(out, "status", "--region", text(made, "region"), "--cluster", text(made, "cluster"), "--service", text(made, "service"));
    }

    /** Where the reports of the builds are, and the last one as `ecs-bg report` draws it. */
    void reports(PrintStream out) throws Exception {
        for (Path report : reports) out.println("  " + root.relativize(report).toString().replaceAll("\\.json$", ".svg"));
        program(out, "report", "--report", reports.get(reports.size() - 1).toString());
    }

    /** What `ecs-bg` says: the JSON; what is for people goes to `out`. */
    @SuppressWarnings("unchecked")
    private Map<String, Object> program(PrintStream out, String... arguments) throws Exception {
        ProcessBuilder b = new ProcessBuilder(Stream.concat(Stream.of(binary.toString()), Stream.of(arguments)).toList());
        b.environment().putAll(account.environment);
        Path said = home.resolve("said");
        Process p = b.redirectError(said.toFile()).start();
        String json = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (p.waitFor() != 0) throw new IllegalStateException("ecs-bg " + arguments[0] + " failed: " + json + Files.readString(said));
        if (out != null) Files.readAllLines(said).forEach(l -> out.println("  " + l));
        return (Map<String, Object>) new JsonSlurper().parseText(json);
    }

    /** The report that the build archived; empty where there is none. */
    @SuppressWarnings("unchecked")
    private static Map<String, Object> report(Run run) throws IOException {
        for (String file : run.archived) {
            if (file.endsWith(".json")) return (Map<String, Object>) new JsonSlurper().parseText(Files.readString(run.archive.resolve(file)));
        }
        return Map.of();
    }

    // ---- JSON ----

    static Object at(Object json, String path) {
        Object found = json;
        for (String key : Arrays.asList(path.split("\\."))) {
            if (!(found instanceof Map<?, ?> map)) return null;
            found = map.get(key);
        }
        return found;
    }

    static String text(Object json, String path) {
        Object found = at(json, path);
        return found == null ? null : found.toString();
    }

    @SuppressWarnings("unchecked")
    static List<Map<String, Object>> list(Object json, String path) {
        Object found = at(json, path);
        return found == null ? new ArrayList<>() : (List<Map<String, Object>>) found;
    }
}
