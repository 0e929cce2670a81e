package ecsbg.library;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ecsbg.aws.Json;
import ecsbg.pipeline.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each single step: what it returns, that a second time nothing is changed, and how it fails. */
@Execution(ExecutionMode.CONCURRENT)
class StepsTest {
    @TempDir Path tmp;
    private World w;

    @BeforeEach
    void world() {
        w = new World(tmp);
    }

    /** What the step returned; its keys are those that its page names. */
    private Map<String, Object> step(String name, Map<String, ?> more) {
        Map<String, Object> r = call(name, more);
        try {
            TreeSet<String> promised = new TreeSet<>(List.of("changed", "warnings"));
            promised.addAll(returnedKeys(Files.readString(World.VARS.resolve(name + ".txt"))));
            assertEquals(promised, new TreeSet<>(r.keySet()), name);
        } catch (IOException x) {
            throw new AssertionError(x);
        }
        return r;
    }

    private Map<String, Object> step(String name) {
        return step(name, Map.of());
    }

    private Map<String, Object> call(String name, Map<String, ?> more) {
        Run r = run(name, more);
        assertEquals("SUCCESS", r.result, r.text());
        assertEquals(1, r.steps("sh").size(), "one sh for one action");
        return Json.read(r.log.stream().filter(l -> l.startsWith("RESULT ")).findFirst().orElseThrow().substring(7));
    }

    private Run run(String name, Map<String, ?> more) {
        more.forEach(w.keys::put);
        Run r = w.run("Map r = " + name + "(params.keys)\necho 'RESULT ' + groovy.json.JsonOutput.toJson(r)");
        more.keySet().forEach(w.keys::remove);
        return r;
    }

    /** The first line is the message and its code, the second the hint. */
    private void fails(String name, Map<String, ?> more, String code, String message) {
        Run r = run(name, more);
        assertEquals("FAILURE", r.result, r.text());
        String told = String.join("\n", r.log.subList(r.log.indexOf(r.log.stream().filter(l -> l.startsWith("ERROR: ")).findFirst().orElseThrow(() -> new AssertionError(r.text()))), r.log.size()));
        assertTrue(told.matches("(?s)ERROR: ecs-bg [a-z-]+: .*\\[" + code + "\\]\n  hint: \\S.*"), told);
        assertTrue(told.contains(message), told);
    }

    /** The list that follows "Returns". */
    static List<String> returnedKeys(String page) {
        Matcher m = Pattern.compile("(?ms)^Returns: (.*?);").matcher(page);
        assertTrue(m.find(), page);
        return List.of(m.group(1).replaceAll(":\\s*\\[[^]]*]", "").split(",\\s+"));
    }

    @Test
    void ecsStatusTellsStateColoursAndSetsFromThreeKeys() {
        Run r = w.run("Map s = ecsStatus(cluster: 'prod', service: 'web', region: 'eu-west-1')\n"
            + "echo \"state ${s.state}, live ${s.live.colour}, ${s.taskSets.size()} set, changed ${s.changed}, warnings ${s.warnings}\"");
        assertTrue(r.log.contains("state settled, live blue, 1 set, changed false, warnings []"), r.text());
        assertEquals("settled", step("ecsStatus").get("state"));
        fails("ecsStatus", Map.of("service", "other"), "service-not-found", "other");
    }

    @Test
    void theReadmesFirstJobRunsAsItStandsThere() throws IOException {
        Matcher job = Pattern.compile("(?s)## In your Jenkins.*?```groovy\n(.*?)```").matcher(Files.readString(World.ROOT.resolve("README.md")));
        assertTrue(job.find());
        Run r = w.run(job.group(1).stripIndent());
        assertEquals("SUCCESS", r.result, r.text());
        assertTrue(r.logged("settled"), r.text());
    }

    @Test
    void ecsPreflightResolvesAllSettingsAndChangesNothing() {
        Map<String, Object> r = step("ecsPreflight");
        assertEquals(false, r.get("changed"));
        assertEquals(600, Json.at(r, "settings.cleanup.bake"));
        assertEquals(86400, Json.at(r, "settings.approve.timeout"));
        assertEquals(World.OURS, Json.at(r, "settings.deploymentId"), "the build's own id");
        assertEquals(List.of(), r.get("findings"));
        assertEquals(List.of(), w.mutations());
    }

    @Test
    void ecsPreflightFailsWithEveryBlockingFindingAtOnce() {
        w = new World(tmp.resolve("nlb"), Map.of("controller", "ECS")).with("image", null).with("taskDefinitionArn", "nobody:7");
        Run r = run("ecsPreflight", Map.of());
        assertEquals("FAILURE", r.result);
        assertTrue(r.logged("[not-external]") && r.logged("  also: "), r.text());
    }

    @Test
    void ecsRegisterTaskDefinitionGivesTheSameRevisionForTheSameContent() {
        Map<String, Object> first = step("ecsRegisterTaskDefinition");
        assertEquals(true, first.get("registered"));
        assertEquals(true, first.get("changed"));
        assertEquals(2, first.get("revision"));
        Map<String, Object> second = step("ecsRegisterTaskDefinition");
        assertEquals(first.get("taskDefinitionArn"), second.get("taskDefinitionArn"));
        assertEquals(false, second.get("changed"));
        fails("ecsRegisterTaskDefinition", Map.of("taskDefinition", "nowhere.json"), "template-unreadable", "nowhere.json");
    }

    @Test
    void aWholeDeploymentByItsSingleSteps() {
        w.with("taskDefinitionArn", step("ecsRegisterTaskDefinition").get("taskDefinitionArn")).with("image", null);
        Map<String, Object> created = step("ecsCreateTaskSet");
        assertEquals("green", created.get("colour"));
        assertEquals(World.OURS, created.get("deploymentId"), "the build's own id");
        again("ecsCreateTaskSet", Map.of(), created.get("taskSetArn"));

        Map<String, Object> steady = step("ecsWaitStable");
        assertEquals(false, steady.get("changed"));
        assertEquals(2, Json.at(steady, "health.healthy"));

        Map<String, Object> test = step("ecsEnableTestListener");
        assertEquals(false, test.get("changed"), "the test listener points at the idle group already");
        assertTrue(String.valueOf(test.get("testUrl")).endsWith(":9000"), String.valueOf(test));

        Map<String, Object> canary = Map.of("weights", new LinkedHashMap<>(Map.of("blue", 90, "green", 10)));
        assertEquals(true, step("ecsShiftWeights", canary).get("changed"));
        again("ecsShiftWeights", canary, null);

        Map<String, Object> half = step("ecsScaleTaskSet", Map.of("scale", 100));
        assertEquals(false, half.get("changed"));

        Map<String, Object> swapped = step("ecsSwapLive");
        assertEquals(true, swapped.get("changed"));
        assertEquals(World.OLD, Json.at(swapped, "previous.deploymentId"));
        again("ecsSwapLive", Map.of(), null);

        assertEquals(true, step("ecsSetPrimary").get("changed"));
        again("ecsSetPrimary", Map.of(), null);

        Object old = Json.at(swapped, "previous.taskSetArn");
        assertEquals("gone", step("ecsDeleteTaskSet", Map.of("taskSetArn", old)).get("deletion"));
        again("ecsDeleteTaskSet", Map.of("taskSetArn", old), null);
        w.state().isSettledOn(World.OURS, World.OURS);
    }

    /** A second time changes nothing, and sends nothing that would. */
    private void again(String name, Map<String, ?> more, Object taskSetArn) {
        int before = w.mutations().size();
        Map<String, Object> r = step(name, more);
        assertEquals(false, r.get("changed"), name);
        if (taskSetArn != null) assertEquals(taskSetArn, r.get("taskSetArn"));
        assertEquals(before, w.mutations().size(), name + " sent a mutating call again");
    }

    @Test
    void ecsRollbackUndoesOneDeploymentFromCloseToNothing() {
        Run r = w.run("Map k = params.keys\necsCreateTaskSet(k + [taskDefinitionArn: 'web:1', image: null])\necsWaitStable(k)\necsSwapLive(k)");
        assertEquals("SUCCESS", r.result, r.text());
        for (String key : List.of("targetGroups", "listeners", "image", "pollInterval", "confirmations", "drain")) w.with(key, null);
        Map<String, Object> back = step("ecsRollback");
        assertEquals(true, back.get("changed"));
        assertEquals("requested", back.get("deletion"));
        w.state().isSettledOn(World.OLD, World.OLD);
        Map<String, Object> second = step("ecsRollback");
        assertEquals(false, second.get("changed"));
        assertNull(second.get("taskSetArn"));
        fails("ecsRollback", Map.of("deploymentId", World.OLD), "nothing-to-go-back-to", World.OLD);
    }

    @Test
    void ecsDeregisterTaskDefinitionTakesOneThatNothingUses() {
        Map<String, Object> made = step("ecsRegisterTaskDefinition");
        w.with("taskDefinitionArn", made.get("taskDefinitionArn")).with("image", null);
        assertEquals(true, step("ecsDeregisterTaskDefinition").get("deregistered"));
        again("ecsDeregisterTaskDefinition", Map.of(), null);
        w.with("taskDefinitionArn", "web:1");
        Map<String, Object> inUse = step("ecsDeregisterTaskDefinition");
        assertFalse((Boolean) inUse.get("deregistered"));
        assertNotEquals(null, inUse.get("skipped"));
    }

    @Test
    void ecsDeregisterTaskDefinitionRefusesWhatThisToolDidNotRegister() {
        w.deployed().with("image", null).with("taskDefinitionArn", "web:1");
        w.account.forget();
        fails("ecsDeregisterTaskDefinition", Map.of("deploymentId", "x"), "not-ours", "web:1");
        assertEquals(List.of(), w.mutations());
    }

    @ParameterizedTest
    @CsvSource({
        "ecsWaitStable, ''", "ecsEnableTestListener, ''", "ecsShiftWeights, weights", "ecsSwapLive, ''",
        "ecsSetPrimary, ''", "ecsScaleTaskSet, scale",
    })
    void aStepFailsWithMessageCodeAndHint(String name, String needs) {
        Map<String, Object> more = new LinkedHashMap<>();
        if (needs.equals("weights")) more.put("weights", new LinkedHashMap<>(Map.of("blue", 50, "green", 50)));
        if (needs.equals("scale")) more.put("scale", 50);
        more.put("deploymentId", "nobody-9");
        fails(name, more, "task-set-not-found", "nobody-9");
        assertEquals(List.of(), w.mutations());
    }

    @Test
    void ecsCreateTaskSetRefusesWhereAnotherDeploymentIsUnderWay() {
        w.with("image", null).with("taskDefinitionArn", "web:1");
        step("ecsCreateTaskSet", Map.of("deploymentId", "theirs-3"));
        fails("ecsCreateTaskSet", Map.of(), "other-deployment", "theirs-3");
        assertEquals(List.of("CreateTaskSet"), w.mutations());
    }

    @Test
    void ecsDeleteTaskSetRefusesTheLiveOne() {
        fails("ecsDeleteTaskSet", Map.of("deploymentId", World.OLD), "is-primary", "PRIMARY");
        w.state().isSettledOn(World.OLD, World.OLD);
    }

    @Test
    void aDryRunSaysWhatItWouldDoAndSendsNothing() {
        for (String name : List.of("ecsRegisterTaskDefinition", "ecsCreateTaskSet")) {
            Map<String, Object> more = new LinkedHashMap<>(Map.of("dryRun", true));
            if (name.equals("ecsCreateTaskSet")) more.put("taskDefinitionArn", "web:1");
            Run r = run(name, more);
            assertEquals("SUCCESS", r.result, r.text());
        }
        assertEquals(List.of(), w.mutations());
    }

    @Test
    void anUnknownKeyIsAnErrorThatNamesTheNearest() {
        fails("ecsStatus", Map.of("clustr", "x"), "unknown-key", "cluster");
        fails("ecsSwapLive", Map.of("minHealhty", 50), "unknown-key", "minHealthy");
    }

    @Test
    void aStepAsksForNoSecondExecutorWhereOneIsHeld() {
        Run r = w.run("node('x') { ecsStatus(params.keys) }\necsStatus(params.keys + [agent: 'y'])\n"
            + "ecsStatus(params.keys + [agent: { work -> node('z') { withEnv(['A=b']) { work() } } }])");
        assertEquals("SUCCESS", r.result, r.text());
        assertEquals(List.of("agent-x", "agent-y", "agent-z"), r.executors.stream().map(x -> x.agent).toList());
        assertEquals(3, World.actions(r).size());
    }

    @Test
    void anAgentClosureThatForgetsItsWorkIsSaidSo() {
        Run r = w.run("ecsStatus(params.keys + [agent: { work -> echo 'no' }])");
        assertTrue(r.logged("ERROR: agent: the closure did not run the work that it was given"), r.text());
    }

    @Test
    void parametersOfMoreThanOneEnvironmentStringAreAnErrorThatSaysSo() {
        Run r = w.with("family", "x".repeat(140_000)).run("ecsStatus(params.keys)");
        assertEquals("FAILURE", r.result);
        assertTrue(r.logged("put them into a file and name it with config:"), r.text());
        assertEquals(0, r.steps("sh").size());
    }

    /** Every key that is text, in a step that uses it or hands it on: one error, and no shell has seen it. */
    @Test
    void nothingIsExecutedWhateverAValueIs() throws IOException {
        String hostile = "x$(touch pwned)`touch pwned`'; touch pwned; \"\n touch pwned #";
        Run r = w.setting(p -> p.param("hostile", hostile)).run(
            "for (String key in ['cluster', 'service', 'region', 'deploymentId', 'build', 'profile', 'roleSessionName', 'roleArn', 'endpointUrl',\n"
                + "    'image', 'family', 'containerName', 'taskDefinition', 'taskSet', 'taskSetArn', 'config', 'logGroup', 'helper']) {\n"
                + "    for (Closure step in [{ k -> ecsStatus(k) }, { k -> blueGreenDeploy(k + [approve: false, dryRun: true]) }]) {\n"
                + "        try { step(params.keys + [(key): params.hostile]) } catch (Exception e) { echo 'FAILED ' + key }\n"
                + "    }\n"
                + "}\n"
                + "for (String key in ['repository', 'tag', 'context', 'dockerfile', 'makefile']) {\n"
                + "    try { ecsBuildImage(params.keys + [image: null, repository: 'web', tag: 'v9'] + [(key): params.hostile]) } catch (Exception e) { echo 'FAILED ' + key }\n"
                + "}");
        assertEquals("SUCCESS", r.result, r.text());
        assertTrue(r.logged("FAILED region") && r.logged("FAILED tag"), r.text());
        try (var files = Files.walk(tmp)) {
            assertEquals(List.of(), files.filter(f -> f.getFileName().toString().equals("pwned")).toList(), r.text());
        }
    }

    @Test
    void valuesReachTheProgramWhateverCharactersTheyHave() {
        String hostile = "a'b\"c $(touch pwned) `touch pwned` \\ \n ü€";
        Map<String, Object> r = call("ecsRegisterTaskDefinition", Map.of("environment", new LinkedHashMap<>(Map.of("HOSTILE", hostile))));
        assertEquals(true, r.get("registered"));
        Object sent = Json.at(w.last("RegisterTaskDefinition"), "params.containerDefinitions");
        assertTrue(String.valueOf(sent).contains(hostile), String.valueOf(sent));
    }
}
