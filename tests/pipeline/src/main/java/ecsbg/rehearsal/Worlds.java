package ecsbg.rehearsal;

import ecsbg.aws.Json;
import ecsbg.aws.Program;
import ecsbg.aws.Standin;
import ecsbg.pipeline.Pipeline;
import ecsbg.pipeline.Run;
import groovy.json.JsonOutput;
import hudson.AbortException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * AWS as a Jenkinsfile wants it: each place is made when ecs-bg is first called for it, by what the program itself takes that call to
 * mean. So nothing has to be known beforehand, whatever a Jenkinsfile computes.
 */
final class Worlds implements Pipeline.BeforeSh, AutoCloseable {
    private static final String NOBODY = "000000000000";
    /** Takes the place of whatever profile a configuration names. */
    private static final String PROFILE = "rehearsal";
    private final Standin standin;
    private final Program program;
    private final Options options;
    private final Scenario scenario;
    private final Path home;
    private final PrintStream out;
    private final Map<String, Standin.Account> accounts = new LinkedHashMap<>();
    private final Map<String, World> worlds = new LinkedHashMap<>();
    private final List<Making> makings = new ArrayList<>();
    private final Set<String> told = new LinkedHashSet<>();
    /** Whose keys a `sh` has that does not call ecs-bg: those of the place that was last at work. */
    private Standin.Account current;

    /** While a place was made, in seconds since the epoch. */
    private record Making(double from, double to) {
        boolean has(double at) {
            return at >= from && at <= to;
        }
    }

    Worlds(Standin standin, Program program, Options options, Scenario scenario, Path home, PrintStream out) {
        this.standin = standin;
        this.program = program;
        this.options = options;
        this.scenario = scenario;
        this.home = home;
        this.out = out;
        this.current = account(NOBODY);
    }

    List<World> all() {
        return new ArrayList<>(worlds.values());
    }

    @Override
    public void starting(Run.Step step, Path dir, Map<String, String> environment) throws Exception {
        keys(environment);
        String action = environment.get("ECS_BG_ACTION");
        if (action == null) return;
        // over what a file may say: nothing of a rehearsal goes to AWS
        Map<String, Object> given = Json.merged(Json.read(environment.get("ECS_BG_PARAMS")), Map.of("endpointUrl", standin.url));
        if (given.get("profile") != null) given.put("profile", PROFILE);
        Map<String, Object> settings = settings(action, given, dir, environment);
        // what cannot even be read, the call itself will say
        if (settings == null) return;
        Places places = Places.of(settings);
        if (places.region() == null) return;
        current = account(places.account());
        keys(environment);
        if (!places.hasService()) current.registry(places.repository(), places.region());
        else if (!worlds.containsKey(places.key())) make(places, settings, given, dir, environment);
        if (action.equals("preflight")) begins(places, settings);
        Map<String, Object> shorter = action.equals("preflight") ? options.pace().shortened(settings) : options.pace().always(settings);
        environment.put("ECS_BG_PARAMS", JsonOutput.toJson(Json.merged(given, shorter)));
    }

    private void make(Places places, Map<String, Object> settings, Map<String, Object> given, Path dir, Map<String, String> environment)
            throws IOException, InterruptedException {
        World world = new World(places, current, program, options, home);
        double began = System.currentTimeMillis();
        try {
            world.make(settings, given, dir, environment, scenario, this::say);
        } catch (IllegalStateException x) {
            throw new AbortException("a rehearsal cannot make " + places.service() + " in cluster " + places.cluster() + ": " + x.getMessage());
        } finally {
            makings.add(new Making(began / 1000, System.currentTimeMillis() / 1000.0));
        }
        worlds.put(places.key(), world);
    }

    /** A deployment begins: with an image that may have come from elsewhere, and less waiting than it asks for. */
    private void begins(Places places, Map<String, Object> settings) {
        for (Places.Image image : Places.images(settings)) {
            if (image.tag() != null) account(image.account()).registry(image.repository(), image.region(), image.tag());
        }
        World world = worlds.get(places.key());
        if (world == null) return;
        world.begins(settings);
        say(places.service() + ": " + options.pace().told(settings));
    }

    /** As the program resolves what it is given; null where it cannot. It is asked in an account of nobody's, where it finds nothing and goes no further. */
    @SuppressWarnings("unchecked")
    private Map<String, Object> settings(String action, Map<String, Object> given, Path dir, Map<String, String> environment) throws IOException, InterruptedException {
        // from preflight on, blueGreenDeploy hands on what is resolved already
        if (!action.equals("preflight") && Stream.of("region", "cluster", "service").allMatch(key -> given.get(key) != null)) return given;
        Map<String, Object> nobodys = Json.merged(environment, account(NOBODY).environment);
        Program.Said said = program.act("preflight", given, dir, nobodys);
        if ("profile-not-found".equals(Json.text(said.json(), "error.code"))) {
            given.put("profile", PROFILE);
            said = program.act("preflight", given, dir, nobodys);
        }
        return (Map<String, Object>) Json.at(said.json(), "result.settings");
    }

    /** All calls to AWS, as far as they were the pipeline's. */
    List<Map<String, Object>> calls() {
        return accounts.values().stream().filter(account -> !account.id.equals(NOBODY)).flatMap(account -> account.calls().stream())
            .filter(call -> makings.stream().noneMatch(making -> making.has(((Number) call.get("at")).doubleValue()))).toList();
    }

    private Standin.Account account(String id) {
        return accounts.computeIfAbsent(id, standin::account);
    }

    /** Instead of whatever an agent, or a step of the team's, would give it. */
    private void keys(Map<String, String> environment) throws IOException {
        environment.keySet().removeIf(name -> name.startsWith("AWS_ENDPOINT_URL_") || name.equals("AWS_PROFILE"));
        environment.putAll(current.environment);
        environment.putAll(Map.of("AWS_EC2_METADATA_DISABLED", "true", "AWS_CONFIG_FILE", home.resolve("aws-config").toString(),
            "AWS_SHARED_CREDENTIALS_FILE", home.resolve("aws-credentials").toString()));
        StringBuilder config = new StringBuilder("[profile " + PROFILE + "]\n");
        current.environment.forEach((name, value) -> config.append(name.toLowerCase(Locale.ENGLISH)).append(" = ").append(value).append('\n'));
        Files.writeString(home.resolve("aws-config"), config);
    }

    /** Between the lines of the build's log, once each. */
    private void say(String line) {
        if (told.add(line)) out.println("[rehearsal] " + line);
    }

    /** No more requests: what came of them can be read. */
    void quiet() {
        all().forEach(World::quiet);
    }

    @Override
    public void close() {
        quiet();
    }
}
