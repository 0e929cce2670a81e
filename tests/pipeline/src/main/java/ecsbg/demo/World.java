package ecsbg.demo;

import ecsbg.aws.Json;
import ecsbg.aws.Load;
import ecsbg.aws.Program;
import ecsbg.aws.Standin;
import ecsbg.pipeline.Approver;
import ecsbg.pipeline.Pipeline;
import ecsbg.pipeline.Run;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Jenkins, an agent, and AWS; a deployment is one build in it. */
final class World {
    private static final String APPROVER = "alice";
    static final Map<String, Object> CLEANUP = Map.of("ACTION", "Delete");
    /** Of the users, a second. */
    static final int RATE = 50;
    private final Path root;
    private final Path home;
    private final Program program;
    final Standin.Account account;
    final Map<String, Object> made;
    final Map<String, String> environment;
    private final List<Archived> reports = new ArrayList<>();
    private Map<String, Object> before;
    private Version live;

    World(Path root, Path home, Program program, Standin.Account account, Map<String, Object> made, Map<String, String> environment) {
        this.root = root;
        this.home = home;
        this.program = program;
        this.account = account;
        this.made = made;
        this.environment = environment;
    }

    /** Where the users' requests go. */
    String address() {
        return "http://" + made.get("loadBalancerDns") + ":" + ((List<?>) Json.at(made, "ports.live")).get(0) + "/";
    }

    /** What is there before anything is deployed. */
    void begin(PrintStream out) throws Exception {
        out.println();
        before = status(out);
        live = version("v1", "blue");
    }

    void deploy(Deployment d, Checks checks, PrintStream out) throws Exception {
        Tables.heading(out, d.title());
        out.println("commit " + d.commit());
        account.forget();
        Counted countedBefore = Counted.of(account.counts());
        Path jenkins = Files.createDirectories(home.resolve("build-" + d.number()));
        Run run;
        Load load = Load.at(root.resolve("tests/aws"), List.of(address()), RATE, jenkins.resolve("load.json"));
        try (load) {
            run = build(d, jenkins, out);
        }
        Files.write(jenkins.resolve("log"), run.log);
        List<Map<String, Object>> calls = account.calls(), history = account.history();
        Tables.steps(run, calls, out);
        Tables.answers(run, out);
        Requests requests = new Requests(load.read());
        Version fresh = version(d.commit(), d.colour());
        Weights weights = new Weights(history, Json.text(made, "listeners.live"), fresh.group());
        new RequestTable(requests, weights, live, fresh).print(out);
        out.println("\nAfter");
        Map<String, Object> after = d.end() == Deployment.End.PROMOTED ? status(out) : settled(out);
        Balance balance = balance(run, requests, countedBefore, fresh);
        checks.of(new Seen(d, run, report(d, run, load), before, after, history, live, fresh, requests, weights, balance));
        before = after;
        if (d.end() == Deployment.End.PROMOTED) live = fresh;
    }

    private Run build(Deployment d, Path jenkins, PrintStream out) {
        BuildLog log = new BuildLog(out);
        return Pipeline.of(root.resolve("Jenkinsfile.example")).library(root.resolve("vars"), root.resolve("resources"))
            .source(home.resolve("repository")).commit(d.commit()).home(jenkins).realTime()
            .env(environment).env("ECS_BG_HELPER", program.binary().toString())
            .env("BUILD_NUMBER", String.valueOf(d.number())).env("BUILD_TAG", d.id())
            .env("BUILD_URL", "https://jenkins.example/job/shop/job/web/" + d.number() + "/")
            .approver(World::answer)
            .log(log).onStageEnd(log::passed).run();
    }

    private Version version(String name, String colour) {
        return new Version(name, colour, Json.text(made, "targetGroups." + colour));
    }

    /** The data plane tells a moment later what it has counted. */
    private Balance balance(Run run, Requests requests, Counted before, Version fresh) throws InterruptedException {
        for (int tries = 0; ; tries++) {
            Balance balance = Balance.of(run, requests, Counted.of(account.counts()).since(before), live, fresh);
            if (balance.isEven() || tries == 100) return balance;
            Thread.sleep(100);
        }
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
            if (Json.list(status(null), "result.taskSets").size() == 1) break;
            Thread.sleep(500);
        }
        return status(out);
    }

    private Map<String, Object> status(PrintStream out) throws Exception {
        return program(out, "status", "--region", Json.text(made, "region"), "--cluster", Json.text(made, "cluster"), "--service", Json.text(made, "service"));
    }

    /** Where the reports of the builds are, drawn again with what users saw; the canary's here, too. */
    void reports(PrintStream out) throws Exception {
        for (Archived one : reports) {
            out.println("  " + root.relativize(one.report).toString().replaceAll("\\.json$", ".svg"));
        }
        for (Archived one : reports) {
            boolean shown = one.deployment.end() == Deployment.End.STOPPED;
            program(shown ? out : null, "report", "--report", one.report.toString(), "--seen", one.load.toString());
        }
    }

    /** What `ecs-bg` says: the JSON; what is for people goes to `out`. */
    private Map<String, Object> program(PrintStream out, String... arguments) throws Exception {
        Program.Said said = program.run(home, Json.merged(System.getenv(), account.environment), arguments);
        if (!said.ok()) throw new IllegalStateException("ecs-bg " + arguments[0] + " failed: " + said.error() + "\n" + String.join("\n", said.lines()));
        if (out != null) said.lines().forEach(l -> out.println("  " + l));
        return said.json();
    }

    /** The report that the build archived; empty where there is none. */
    private Map<String, Object> report(Deployment d, Run run, Load load) throws IOException {
        for (String file : run.archived) {
            if (!file.endsWith(".json")) continue;
            Path report = run.archive.resolve(file);
            reports.add(new Archived(d, report, load.result));
            return Json.read(Files.readString(report));
        }
        return Map.of();
    }

    /** A build's report, and what its users saw. */
    private record Archived(Deployment deployment, Path report, Path load) {}
}
