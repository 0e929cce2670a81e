package ecsbg.rehearsal;

import ecsbg.aws.Json;
import ecsbg.aws.Load;
import ecsbg.aws.Program;
import ecsbg.aws.Standin;
import ecsbg.pipeline.Run;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** One service on the stand-in for AWS: a version that is live, and requests that never end. */
final class World {
    /** Of the version that was there before, and its image's tag. */
    private static final String BEFORE = "before";
    private static final int SERVED_WITHIN = 10_000;
    private static final int GONE_WITHIN = 20_000;
    private static final int MANY_CALLS = 1000;
    final Places places;
    private final Standin.Account account;
    private final Program program;
    private final Options options;
    private final Path home;
    private Map<String, String> environment;
    private Map<String, Object> settings;
    private Map<String, Object> made;
    /** The task set of the version that was there before; null: there was none. */
    private String before;
    /** In seconds since the epoch, as the stand-in tells times. */
    private double madeAt;
    private Load load;

    World(Places places, Standin.Account account, Program program, Options options, Path home) {
        this.places = places;
        this.account = account;
        this.program = program;
        this.options = options;
        this.home = home;
    }

    void make(Map<String, Object> settings, Map<String, Object> given, Path dir, Map<String, String> environment, Scenario scenario,
            Consumer<String> say) throws IOException, InterruptedException {
        this.settings = settings;
        this.environment = new LinkedHashMap<>(environment);
        this.environment.keySet().removeIf(name -> name.startsWith("ECS_BG_"));
        account.knobs(options.knobs());
        made = account.fixture(places.fixture(options.health(), BEFORE, settings, !template()));
        if (template()) first(given, dir, say);
        before = Json.text(status().json(), "result.live.taskSetArn");
        say.accept(places.service() + " in cluster " + places.cluster() + " of account " + places.account() + ", " + places.region() + ": live at "
            + String.join(" ", urls()) + (before == null ? ", without a version" : ", " + options.rate() + " requests a second from now on"));
        if (before != null) {
            served();
            load = Load.at(options.root().resolve("tests/aws"), urls(), options.rate(), home.resolve("requests-" + places.service() + ".json"));
        }
        if (scenario.outcome() != null) account.knobs(Map.of("outcome", outcomes(scenario.outcome())));
        if (scenario.kind() == Scenario.Kind.THROTTLED) account.faults(throttled());
        madeAt = System.currentTimeMillis() / 1000.0;
    }

    /** What a task set that is live would have had, where the configuration leaves that to it. */
    private Map<String, Object> network() {
        Map<String, Object> all = new LinkedHashMap<>();
        if (settings.get("taskSet") != null) return all;
        for (String key : List.of("subnets", "securityGroups")) {
            if (settings.get(key) == null) all.put(key, made.get(key));
        }
        if (settings.get("launchType") == null && settings.get("capacityProviders") == null) all.put("launchType", "FARGATE");
        return all;
    }

    /** Of all images but that of the version before, also of one that another service of the account is still to begin with. The first that fits holds. */
    private static Map<String, String> outcomes(String outcome) {
        Map<String, String> all = new LinkedHashMap<>();
        all.put(":" + BEFORE, "healthy");
        all.put("", outcome);
        return all;
    }

    /** Without one of its own, a deployment takes the task definition of what is live. */
    private boolean template() {
        return settings.get("taskDefinition") != null || settings.get("taskDefinitionArn") != null;
    }

    /** The team's own task definition, deployed as the team deploys, with nothing to wait for. */
    private void first(Map<String, Object> given, Path dir, Consumer<String> say) throws IOException, InterruptedException {
        Map<String, Object> parameters = Json.merged(given, Map.of("deploymentId", BEFORE));
        parameters.keySet().removeAll(Set.of("taskSetArn", "dryRun"));
        parameters.putAll(places.earlier(settings, BEFORE));
        network().forEach(parameters::putIfAbsent);
        for (String action : List.of("register-task-definition", "create-task-set", "wait-stable", "swap-live", "set-primary")) {
            Program.Said said = program.act(action, parameters, dir, environment);
            if (!said.ok()) {
                say.accept(places.service() + ": there is no version before this one: " + action + " could not make it: " + said.error());
                return;
            }
            if (action.equals("register-task-definition")) parameters.put("taskDefinitionArn", Json.text(said.json(), "result.taskDefinitionArn"));
        }
    }

    /** One call in three, by no pattern that a program's own could fall in with, and the same ones each time. */
    private static List<Map<String, Object>> throttled() {
        Random random = new Random(1);
        return IntStream.rangeClosed(1, MANY_CALLS).filter(n -> random.nextInt(3) == 0)
            .mapToObj(n -> Map.<String, Object>of("operation", "*", "kind", "throttle", "nth", n)).toList();
    }

    private List<String> urls() {
        return Json.texts(made, "ports.live").stream().map(port -> "http://localhost:" + port + "/").toList();
    }

    /** Weights take effect a moment later than they are written. */
    private void served() throws IOException, InterruptedException {
        long until = System.currentTimeMillis() + SERVED_WITHIN;
        for (String url : urls()) {
            while (System.currentTimeMillis() < until && status(url) >= HttpURLConnection.HTTP_INTERNAL_ERROR) Thread.sleep(100);
        }
    }

    private static int status(String url) throws IOException {
        return ((HttpURLConnection) URI.create(url).toURL().openConnection()).getResponseCode();
    }

    /** A deployment begins, with these settings. */
    void begins(Map<String, Object> settings) {
        this.settings = settings;
    }

    private Program.Said status() throws IOException, InterruptedException {
        return program.run(home, environment, "status", "--region", places.region(), "--cluster", places.cluster(), "--service", places.service());
    }

    /** No more requests. */
    void quiet() {
        if (load != null) load.close();
    }

    /** What became of it; once it is quiet. */
    Seen seen(Run run, Map<String, Object> report, boolean happened) throws IOException, InterruptedException {
        account.clearFaults();
        Map<String, Object> status = settled();
        String live = Json.text(status, "result.live.taskSetArn");
        Map<String, Object> sent = load == null ? Map.of() : load.read();
        return new Seen(run.result, Json.text(report, "outcome"),
            live == null ? Seen.Live.NOTHING : live.equals(before) ? Seen.Live.OLD : Seen.Live.NEW,
            Json.text(status, "result.state"), Json.list(status, "result.taskSets").size(), moved(),
            Seen.Requests.of(sent, BEFORE), judges("errors"), judges("latency"), began(run, "set-primary"), happened);
    }

    /** A rollback asks for a deletion and does not wait for it. */
    private Map<String, Object> settled() throws IOException, InterruptedException {
        long until = System.currentTimeMillis() + GONE_WITHIN;
        Map<String, Object> status = status().json();
        while (Json.list(status, "result.taskSets").size() > 1 && System.currentTimeMillis() < until) {
            Thread.sleep(500);
            status = status().json();
        }
        return status;
    }

    /** Whether the weights of live traffic were ever others than before. */
    private boolean moved() {
        Set<Object> seen = new HashSet<>();
        for (Map<String, Object> moment : account.history()) {
            if (((Number) moment.get("at")).doubleValue() < madeAt) continue;
            for (String arn : Json.texts(made, "listeners.live")) seen.add(((Map<?, ?>) moment.get("weights")).get(arn));
        }
        return seen.size() > 1;
    }

    private boolean judges(String gate) {
        return Json.at(settings, "gates." + gate) instanceof Map<?, ?> given && !Boolean.TRUE.equals(given.get("dryRun"));
    }

    /** Steps of the pipeline are called `ecs-bg ACTION SERVICE`, as far as they know the service. */
    private boolean began(Run run, String action) {
        return run.steps("sh").stream().map(step -> String.valueOf(step.label)).anyMatch(label ->
            label.equals("ecs-bg " + action) || label.startsWith("ecs-bg " + action + " " + places.service()));
    }

    /** The picture of its deployment, with the requests in it; null where it could not be drawn. @return what the log shows */
    List<String> draw(Path report) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of("report", "--report", report.toString()));
        if (load != null) arguments.addAll(List.of("--seen", load.result.toString()));
        Program.Said said = program.run(home, environment, arguments.toArray(String[]::new));
        return said.ok() ? said.lines() : List.of("no picture: " + said.error());
    }
}
