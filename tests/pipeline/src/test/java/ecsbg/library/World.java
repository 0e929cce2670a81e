package ecsbg.library;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ecsbg.aws.Json;
import ecsbg.aws.Standin;
import ecsbg.pipeline.Approver;
import ecsbg.pipeline.Pipeline;
import ecsbg.pipeline.Run;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** A service in an AWS account of its own, and a Jenkins with this library: what a test of vars/ needs. */
final class World {
    /** Maven runs the tests in tests/pipeline. */
    static final Path ROOT = Path.of("").toAbsolutePath().getParent().getParent();
    static final Path BINARY = ROOT.resolve(System.getProperty("ecsbg.binary", "target/debug/ecs-bg"));
    static final Path VARS = ROOT.resolve("vars");
    static final Path RESOURCES = ROOT.resolve("resources");
    static final String DEPLOY = "blueGreenDeploy(params.keys)";
    static final String OUT_OF_TIME_IN_THE_BAKE = "timeout(time: 5, unit: 'MINUTES') { blueGreenDeploy(params.keys) }";
    /** The id of the builds' deployments: the runner's BUILD_TAG. */
    static final String OURS = "jenkins-shop-web-7";
    /** The id of the build after that. */
    static final String NEXT = "jenkins-shop-web-8";
    /** The id of the version that is there before: the fixture's. */
    static final String OLD = "blue-0";
    /** Of all worlds so far: what no build may tell. */
    private static final Set<String> SECRETS = ConcurrentHashMap.newKeySet();
    private static final Map<String, Object> QUICK = Map.of("startSeconds", 0.05, "healthySeconds", 0.05, "steadySeconds", 0.1,
        "drainSeconds", 0.05, "goneSeconds", 0.02, "crashSeconds", 0.05, "restartSeconds", 0.05, "replaceSeconds", 0.05);

    /** Two stand-ins for all tests of this process, each with the work of one processor; they end with it. */
    private static final class Aws {
        static final List<Standin> RUNNING = List.of(start(), start());
        static final AtomicInteger NEXT = new AtomicInteger();

        private static Standin start() {
            return Standin.start(ROOT.resolve("tests/aws"), "stateful");
        }

        static Standin.Account account() {
            return RUNNING.get(NEXT.getAndIncrement() % RUNNING.size()).account();
        }
    }

    final Standin.Account account;
    final Map<String, Object> made;
    private final Path home;
    private int runs;
    /** What the Jenkinsfiles hand to the steps: `params.keys`. */
    final Map<String, Object> keys = new LinkedHashMap<>();
    private final List<UnaryOperator<Pipeline>> settings = new ArrayList<>();

    World(Path home) {
        this(home, Map.of());
    }

    World(Path home, Map<String, ?> fixture) {
        this(home, fixture, Aws.account());
        account.knobs(QUICK);
    }

    /** Another service in the same account. */
    World beside(String name) {
        return new World(home.resolve(name), Map.of("name", name), account);
    }

    private World(Path home, Map<String, ?> fixture, Standin.Account account) {
        this.account = account;
        if (!Files.isExecutable(BINARY)) throw new IllegalStateException(BINARY + " is not there: cargo build");
        this.home = home;
        made = account.fixture(fixture);
        secret(account.environment);
        SECRETS.add(text("canary"));
        account.images(text("repository"), "v2", "v3");
        keys.put("cluster", text("cluster"));
        keys.put("service", text("service"));
        keys.put("region", text("region"));
        keys.put("targetGroups", plain(made.get("targetGroups")));
        keys.put("listeners", plain(made.get("listeners")));
        keys.put("image", image("v2"));
        keys.put("pollInterval", "100ms");
        keys.put("confirmations", 1);
        keys.put("drain", 0);
    }

    private static void secret(Map<String, String> keys) {
        SECRETS.addAll(List.of(keys.get("AWS_SECRET_ACCESS_KEY"), keys.get("AWS_SESSION_TOKEN")));
    }

    /** Agents without an AWS identity; and `withAWS`, a step of a plugin, which assumes a role anew each time that it is entered. */
    World withAws() {
        for (String name : account.environment.keySet()) {
            if (!name.equals("AWS_ENDPOINT_URL")) setting(p -> p.env(name, ""));
        }
        return setting(p -> p.step("withAWS", e -> {
            Map<String, String> keys = account.newKeys();
            secret(keys);
            e.runBody(keys);
        }));
    }

    /** The log, and what was archived. */
    private static Stream<String> told(Run r) {
        return Stream.concat(r.log.stream(), r.archived.stream().map(f -> {
            try {
                return Files.readString(r.archive.resolve(f));
            } catch (IOException x) {
                throw new UncheckedIOException(x);
            }
        }));
    }

    World with(String key, Object value) {
        if (value == null) keys.remove(key);
        else keys.put(key, value);
        return this;
    }

    /** What the tasks of this image do from now on: `crash`, `unhealthy`, … */
    World outcome(String tag, String outcome) {
        account.knobs(Map.of("outcome", Map.of("web:" + tag, outcome)));
        return this;
    }

    World setting(UnaryOperator<Pipeline> more) {
        settings.add(more);
        return this;
    }

    String image(String tag) {
        return text("image").replaceAll(":[^:/]*$", ":" + tag);
    }

    String text(String path) {
        return String.valueOf(Json.at(made, path));
    }

    String group(String colour) {
        return text("targetGroups." + colour);
    }

    // ---- Builds ----

    /** Alice approves everything, with what is the first choice; agents have the binary by ECS_BG_HELPER. */
    Pipeline pipeline(String script) {
        Map<String, Object> given = new LinkedHashMap<>(keys);
        Pipeline p = Pipeline.of(script).library(VARS, RESOURCES).home(home.resolve("build-" + ++runs)).source(ROOT.resolve("examples"))
            // one root certificate: reading all of this machine's takes as long as the rest of an action
            .env(account.environment).env("SSL_CERT_FILE", ROOT.resolve("tests/rust/support/root.pem").toString()).env("ECS_BG_HELPER", BINARY.toString()).param("keys", given).approver(Approver.by("alice"));
        for (UnaryOperator<Pipeline> s : settings) p = s.apply(p);
        return p;
    }

    Run run(String script) {
        return checked(pipeline(script).run());
    }

    Run deploy() {
        return run(DEPLOY);
    }

    /** The team's next build. */
    Run next() {
        return checked(pipeline(DEPLOY).env("BUILD_NUMBER", "8").env("BUILD_TAG", NEXT).approver(Approver.by("alice")).run());
    }

    /** What holds of every build, whatever it does. */
    static Run checked(Run r) {
        String secret = SECRETS.stream().filter(x -> told(r).anyMatch(t -> t.contains(x))).findFirst().orElse(null);
        if (secret != null) throw new AssertionError("a secret was logged or archived: " + secret);
        if (!r.refusals.isEmpty() || !r.mismatches.isEmpty()) throw new AssertionError("refused by the sandbox: " + r.refusals + r.mismatches + "\n" + r.text());
        if (told(r).anyMatch(t -> t.contains("does not know are left out"))) throw new AssertionError("a picture lacks events of its report");
        r.inputs.forEach(q -> legible(q, r));
        if (r.description != null && r.description.contains("waiting for an answer")) throw new AssertionError("nothing waits any more: " + r.description);
        return r;
    }

    /** Jenkins folds the lines of a message, and of a parameter's description it does not; the log has no message where there is a form. */
    private static void legible(Run.Input q, Run r) {
        if (q.message.length() > 330 || q.message.chars().anyMatch(Character::isISOControl)) throw new AssertionError("not one short line: " + q.message);
        if (q.parameters.size() != 1) throw new AssertionError("one parameter has the facts: " + q.parameters);
        String[] facts = q.description(q.parameters.get(0).name()).split("\n\n")[0].split("\n");
        if (facts.length < 3) throw new AssertionError("not line by line: " + List.of(facts));
        for (String fact : facts) {
            if (r.log.stream().noneMatch(l -> l.endsWith(fact))) throw new AssertionError("not in the log: " + fact + "\n" + r.text());
        }
        if (!q.buildDescription.contains("waiting for an answer: " + q.message + "\n")) throw new AssertionError(q.buildDescription);
    }

    /** A deployment that is over and well: the world begins with it. */
    World deployed() {
        Run r = deploy();
        if (!r.result.equals("SUCCESS")) throw new AssertionError(r.text());
        return this;
    }

    /** The library's, and the program's. */
    static final String VERSION = version();

    private static String version() {
        try (Stream<String> lines = Files.lines(ROOT.resolve("Cargo.toml"))) {
            return lines.filter(l -> l.startsWith("version = ")).findFirst().orElseThrow().replaceAll("[^0-9.]", "");
        } catch (IOException x) {
            throw new UncheckedIOException(x);
        }
    }

    // ---- What a build left ----

    /** What blueGreenDeploy archived; fails where that is not one file. */
    static Map<String, Object> report(Run r) {
        List<String> files = r.archived.stream().filter(f -> f.startsWith("ecs-bg/") && f.endsWith(".json")).toList();
        if (files.size() != 1) throw new AssertionError("archived: " + r.archived + "\n" + r.text());
        try {
            return Json.read(Files.readString(r.archive.resolve(files.get(0))));
        } catch (IOException x) {
            throw new UncheckedIOException(x);
        }
    }

    /** How a deployment ended; its report. */
    static Map<String, Object> ended(Run r, String result, String outcome, String phase) {
        assertEquals(result, r.result, r.text());
        Map<String, Object> report = report(r);
        assertEquals(outcome, report.get("outcome"), r.text());
        assertEquals(phase, report.get("phase"), r.text());
        return report;
    }

    /** The calls of the program, in their order: their labels without `ecs-bg` and the service. */
    /** But for the report's drawing, which is of every end. */
    static List<String> actions(Run r) {
        return r.steps("sh").stream().map(s -> String.valueOf(s.label)).filter(l -> l.startsWith("ecs-bg ")).map(l -> l.split(" ")[1]).filter(a -> !a.equals("report")).toList();
    }

    /** The names of AWS's calls that change something. */
    List<String> mutations() {
        return account.calls().stream().filter(c -> (Boolean) c.get("mutating")).map(c -> (String) c.get("operation")).toList();
    }

    /** How many calls of this operation AWS has applied. */
    long applied(String operation) {
        return account.calls().stream().filter(c -> operation.equals(c.get("operation")) && (Boolean) c.get("applied")).count();
    }

    Map<String, Object> last(String operation) {
        List<Map<String, Object>> all = account.calls().stream().filter(c -> c.get("operation").equals(operation)).toList();
        if (all.isEmpty()) throw new AssertionError(operation + " was not called");
        return all.get(all.size() - 1);
    }

    /** Does what the log says for doing it by hand: its one line `ecs-bg ACTION …`, in a shell. */
    void byHand(Run r, String action) {
        List<String> lines = r.log.stream().filter(l -> l.startsWith("ecs-bg " + action + " --")).toList();
        if (lines.size() != 1) throw new AssertionError("no command to finish by hand: " + lines + "\n" + r.text());
        Path told = home.resolve("by-hand");
        try {
            ProcessBuilder b = new ProcessBuilder("sh", "-c", lines.get(0)).redirectErrorStream(true).redirectOutput(told.toFile());
            b.environment().putAll(account.environment);
            b.environment().put("PATH", BINARY.getParent() + ":" + b.environment().get("PATH"));
            if (b.start().waitFor() != 0) throw new AssertionError(lines.get(0) + "\n" + Files.readString(told));
        } catch (IOException | InterruptedException x) {
            throw new IllegalStateException(x);
        }
    }

    State state() {
        account.advance(120);   // what was asked for, a deletion for one, has become of it
        return new State(this, account.history());
    }

    /** A copy that a program can be saved with: JsonSlurper's maps cannot. */
    private static Object plain(Object value) {
        if (!(value instanceof Map<?, ?> map)) return value;
        Map<Object, Object> copy = new LinkedHashMap<>();
        map.forEach((k, v) -> copy.put(k, plain(v)));
        return copy;
    }
}
