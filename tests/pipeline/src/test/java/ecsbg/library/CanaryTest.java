package ecsbg.library;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ecsbg.aws.Json;
import ecsbg.pipeline.Approver.Answer;
import ecsbg.pipeline.Approver;
import ecsbg.pipeline.Pipeline;
import ecsbg.pipeline.Run;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A canary: its steps, what the report has of them, somebody else's hand, and where a build goes on that is run again. */
@Execution(ExecutionMode.CONCURRENT)
class CanaryTest {
    /** A version that is there, and has this part of the traffic. */
    private static final String BEGUN = """
        Map k = params.keys + [approve: false]
        ecsCreateTaskSet(k + [image: null, taskDefinitionArn: ecsRegisterTaskDefinition(k).taskDefinitionArn])
        ecsWaitStable(k)
        """;
    @TempDir Path tmp;
    private World w;

    @BeforeEach
    void world() {
        w = new World(tmp).with("approve", false).with("cleanup", map("bake", 0, "approve", false)).with("canary", steps(5, 25.5, 50));
    }

    static Map<String, Object> map(Object... pairs) {
        Map<String, Object> m = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) m.put((String) pairs[i], pairs[i + 1]);
        return m;
    }

    /** Steps of these weights; the clock is wound on while they bake. */
    static List<Map<String, Object>> steps(Object... weights) {
        List<Map<String, Object>> steps = new ArrayList<>();
        for (Object weight : weights) steps.add(map("weight", weight, "bake", "10m"));
        return steps;
    }

    private static void succeeded(Run r) {
        assertEquals("SUCCESS", r.result, r.text());
    }

    @SuppressWarnings("unchecked")
    static List<Map<String, Object>> list(Object json, String path) {
        return (List<Map<String, Object>>) Json.at(json, path);
    }

    /** The looks of a step, or of the bake. */
    static List<Map<String, Object>> looks(Map<String, Object> report, String step) {
        return list(report, "events").stream().filter(e -> "look".equals(e.get("type")) && step.equals(e.get("step"))).toList();
    }

    /** The steps that a build took, by their weights. */
    static List<String> taken(Map<String, Object> report) {
        return list(report, "canary.steps").stream().map(s -> String.valueOf(s.get("weight"))).toList();
    }

    static long count(Run r, String action) {
        return World.actions(r).stream().filter(action::equals).count();
    }

    /** Somebody does something while the nth step of a canary bakes. */
    static Pipeline inBake(Pipeline p, int nth, Runnable meanwhile) {
        int[] seen = {0};
        return p.onStepStart(s -> {
            if (s.name.equals("sleep") && ++seen[0] == nth) meanwhile.run();
        });
    }

    private Run during(int nth, String script) {
        return World.checked(inBake(w.pipeline(World.DEPLOY), nth, () -> succeeded(w.pipeline(script).run())).run());
    }

    // ---- All is well ----

    @Test
    void trafficRisesStepByStepAndNoExecutorIsHeldBetween() {
        Run r = w.deploy();
        succeeded(r);
        assertEquals(List.of("preflight", "register-task-definition", "create-task-set", "wait-stable", "enable-test-listener", "shift-weights", "check-gates",
            "shift-weights", "check-gates", "shift-weights", "check-gates", "swap-live", "set-primary", "delete-task-set"), World.actions(r));
        assertEquals(List.of("web: preflight", "web: create", "web: test", "web: canary 1/3 (5 %)", "web: canary 2/3 (25.5 %)", "web: canary 3/3 (50 %)", "web: swap", "web: cleanup"), r.stageNames());
        assertEquals(List.of(600_000L, 600_000L, 600_000L), r.steps("sleep").stream().map(s -> Math.round((s.ended - s.started) / 10_000.0) * 10_000).toList());
        assertTrue(r.steps("sleep").stream().allMatch(s -> s.agent == null), "no executor while it bakes");
        Map<String, Object> report = World.report(r);
        assertEquals("promoted", report.get("outcome"));
        assertEquals("3/3", Json.at(report, "canary.step"));
        assertEquals(List.of("5", "25.5", "50"), taken(report));
        for (Map<String, Object> step : list(report, "canary.steps")) {
            assertEquals(100, step.get("scale"));
            assertEquals(600, step.get("bake"));
            assertTrue(String.valueOf(step.get("movedAt")).matches("20.*Z"), step.toString());
            assertEquals(2, ((List<?>) step.get("weights")).size());
            assertEquals(600, ((Number) step.get("seconds")).intValue(), 5);
        }
        for (String place : List.of("1/3", "2/3", "3/3")) {
            assertEquals("pass", looks(report, place).get(0).get("verdict"));
            assertEquals("state", list(looks(report, place).get(0), "gates").get(0).get("gate"));
        }
        assertTrue(r.logged("ecs-bg: web: canary 2/3: 25.5 % of the live traffic since "), r.text());
        assertEquals(List.of(), looks(report, "bake"));
        w.state().wasSoundThroughout();
        w.state().isSettledOn(World.OURS, World.OURS);
    }

    @Test
    void gatesAreLookedAtInEveryBakeAndToldWhereTheirVerdictChanges() {
        w.with("canary", steps(20)).with("gates", map("errors", map("dryRun", true), "every", "3m")).with("cleanup", map("bake", "4m", "approve", false));
        Run r = w.deploy();
        succeeded(r);
        assertEquals(6, count(r, "check-gates"), "at 3, 6, 9 and 10 minutes; at 3 and 4 after the swap");
        Map<String, Object> report = World.report(r);
        assertEquals(4, looks(report, "1/1").size());
        assertEquals(2, looks(report, "bake").size());
        assertEquals(1, r.log.stream().filter("ecs-bg: web: canary 1/1: pass"::equals).count(), r.text());
        assertEquals(1, r.log.stream().filter("ecs-bg: web: bake: pass"::equals).count(), r.text());
        List<String> asked = r.steps("withEnv").stream().map(s -> String.valueOf(s.args)).filter(a -> a.contains("ECS_BG_ACTION=check-gates")).toList();
        Object first = list(report, "canary.steps").get(0).get("movedAt");
        for (String a : asked) assertTrue(a.contains("\"baseline\":\"" + first + "\""), a);
        assertTrue(asked.get(0).contains("\"since\":\"" + first + "\"") && asked.get(0).contains("\"weight\":20"), asked.get(0));
        assertTrue(!asked.get(5).contains("\"since\":\"" + first + "\"") && asked.get(5).contains("\"weight\":null"), asked.get(5));
        assertTrue(r.executors.stream().allMatch(x -> x.ended - x.started < 60_000), "none is held while it bakes");
    }

    @Test
    void insideNodeOneActionLooksUntilTheBakeIsOver() {
        w.with("canary", List.of(map("weight", 5, "bake", "1s"), map("weight", 50, "bake", "1s"))).with("gates", map("errors", map("dryRun", true), "every", "1s"))
            .with("cleanup", map("bake", "1s", "approve", false));
        Run r = w.run("node('linux') { blueGreenDeploy(params.keys) }");
        succeeded(r);
        assertEquals(3, count(r, "check-gates"));
        assertEquals(0, r.steps("sleep").size());
        assertEquals(1, r.executors.size());
        assertTrue(r.steps("sh").stream().filter(s -> s.label.contains("check-gates")).allMatch(s -> s.real >= 900), "as long as the bake");
        w.state().isSettledOn(World.OURS, World.OURS);
    }

    @ParameterizedTest
    @CsvSource({"'', node { , }", "outside of node, '', ''"})
    void theTeamsOwnCheckIsCalledAtEachLookWithTheReport(String where, String before, String after) {
        w.with("canary", steps(5)).with("cleanup", map("bake", "10m", "approve", false)).with("gates", map("every", "5m"));
        Run r = w.run(before + "blueGreenDeploy(params.keys + [gates: params.keys.gates + [check: { Map d -> sh 'true'; echo \"LOOKED ${d.phase} ${d.canary.step}\" }]])" + after);
        succeeded(r);
        assertEquals(2, r.log.stream().filter("LOOKED canary 1/1"::equals).count(), r.text());
        assertEquals(2, r.log.stream().filter("LOOKED bake 1/1"::equals).count(), r.text());
        assertEquals(4, count(r, "check-gates"));
        assertNotNull(Json.at(World.report(r), "seconds.check"));
    }

    @Test
    void aFirstVersionHasNoCanary() {
        World first = new World(tmp.resolve("first"), Map.of("blue", false)).with("taskDefinition", "deploy/taskdef.json").with("approve", false).with("canary", steps(5));
        first.with("containerName", "web").with("containerPort", 9000).with("taskSet", "deploy/taskset.json").with("subnets", first.made.get("subnets"))
            .with("securityGroups", first.made.get("securityGroups")).with("executionRoleArn", first.text("executionRoleArn"));
        Run r = first.deploy();
        succeeded(r);
        assertFalse(World.actions(r).contains("shift-weights"), World.actions(r).toString());
        assertNull(World.report(r).get("canary"));
        assertEquals("canary-skipped", list(World.report(r), "warnings").get(0).get("code"));
        first.state().isSettledOn(World.OURS, World.OURS);
    }

    @Test
    void tasksRiseWithTheStepsAndAllOfThemServeBeforeTheSwap() {
        w = new World(tmp.resolve("four"), Map.of("desiredCount", 4)).with("approve", false).with("cleanup", map("bake", 0, "approve", false));
        w.with("canary", List.of(map("weight", 5, "bake", "1m", "scale", 25), map("weight", 20, "bake", "1m", "scale", 50), map("weight", 40, "bake", "1m", "scale", 50)));
        Run r = w.deploy();
        succeeded(r);
        assertEquals(List.of("shift-weights", "check-gates", "scale-task-set", "wait-stable", "shift-weights", "check-gates", "shift-weights", "check-gates", "scale-task-set", "wait-stable", "swap-live"),
            World.actions(r).subList(5, 16));
        assertEquals(List.of("25", "50", "50"), list(World.report(r), "canary.steps").stream().map(s -> String.valueOf(s.get("scale"))).toList());
        assertEquals(4, w.state().set(World.OURS).get("desired"));
        assertTrue(String.valueOf(Json.at(w.last("CreateTaskSet"), "params.tags")).contains("5:60 20:60 40:60"), w.last("CreateTaskSet").toString());
        w.state().isSettledOn(World.OURS, World.OURS);
    }

    @Test
    void aServiceThatIsScaledInABakeCostsNoGoodVersion() {
        Run r = World.checked(inBake(w.pipeline(World.DEPLOY), 2, () -> {
            w.account.knobs(Map.of("startSeconds", 1));
            w.account.scale(w.text("taskSetArn"), 4);
        }).run());
        succeeded(r);
        w.state().wasSoundThroughout();
        w.state().isSettledOn(World.OURS, World.OURS);
    }

    @Test
    void theExampleOfACanaryIsOne() {
        Example example = new Example(tmp.resolve("example"));
        for (String name : List.of("web-5xx", "web-slow")) example.w.account.alarm(name, "OK");
        example.w.with("config", List.of("deploy/ecs.yml", "deploy/prod.yml", "deploy/canary.yml")).with("image", example.w.image("v2")).with("gates", map("every", "10m"));
        Run r = example.w.setting(p -> p.approver(q -> Answer.approve("alice", q.id.startsWith("Gates") ? Map.of("ACTION", "Go on") : Map.of()))).deploy();
        succeeded(r);
        assertEquals(List.of("5", "25", "50"), taken(World.report(r)));
        assertEquals(List.of("Swap-web", "Gates-web", "Gates-web", "Gates-web", "Canary-web", "Gates-web", "Cleanup-web"), r.inputs.stream().map(q -> q.id).toList(), "there are no requests to judge by");
    }

    // ---- People ----

    @Test
    void thePlanIsApprovedOnceBeforeTheFirstLiveRequestAndWhereAStepAsks() {
        w.with("approve", true).with("canary", List.of(map("weight", 5, "bake", "10m"), map("weight", 50, "bake", "10m", "approve", map("submitter", "ops", "message", "Half of it?"))));
        Run r = w.setting(p -> p.approver(q -> {
            if (q.id.startsWith("Swap")) w.state().liveNeverMoved();
            return q.id.startsWith("Swap") ? Answer.approve("alice") : Answer.approve("ops", Map.of("NOTE", "looks well")).after(3_600_000);
        })).deploy();
        succeeded(r);
        assertEquals(List.of("Swap-web", "Canary-web"), r.inputs.stream().map(q -> q.id).toList());
        assertTrue(r.inputs.get(0).description("NOTE").contains("\n  canary           5 % for 600 s, 50 % for 600 s\n"), r.inputs.get(0).description("NOTE"));
        Run.Input q = r.inputs.get(1);
        assertEquals("web in prod: Half of it? (green, web:2)", q.message);
        assertTrue(q.description("NOTE").contains("  live traffic     canary 2/2: 50 % on green since 20") && q.description("NOTE").contains("  state: pass: 2 of 2 tasks healthy"), q.description("NOTE"));
        assertNull(q.held);
        Map<String, Object> step = list(World.report(r), "canary.steps").get(1);
        assertEquals("ops", step.get("approver"));
        assertEquals("looks well", step.get("note"));
        assertEquals("alice", World.report(r).get("approver"));
        assertEquals(2, looks(World.report(r), "2/2").size(), "what happened while it was asked is looked at too");
        w.state().isSettledOn(World.OURS, World.OURS);
    }

    @ParameterizedTest
    @CsvSource({"rejected, interrupted, ", "nobody, timeout, approval-timeout"})
    void aStepThatIsNotApprovedGoesBack(String how, String kind, String code) {
        w.with("canary", List.of(map("weight", 5, "bake", "1m", "approve", true)));
        Run r = w.setting(p -> p.approver(q -> how.equals("nobody") ? Answer.none() : Answer.reject("ops"))).deploy();
        Map<String, Object> report = World.ended(r, "ABORTED", "rolledBack", "canary");
        assertEquals(kind, Json.at(report, "error.kind"));
        assertEquals(code, Json.at(report, "error.code"));
        w.state().wasSoundThroughout();
        w.state().isSettledOn(World.OLD, World.OLD);
    }

    @Test
    void aTimeoutOfTheTeamsInABakeGoesBack() {
        Run r = w.run("timeout(time: 15, unit: 'MINUTES') { blueGreenDeploy(params.keys) }");
        Map<String, Object> report = World.ended(r, "ABORTED", "rolledBack", "canary");
        assertEquals("2/3", Json.at(report, "canary.step"));
        assertEquals("interrupted", Json.at(report, "error.kind"));
        w.state().wasSoundThroughout();
        w.state().isSettledOn(World.OLD, World.OLD);
    }

    // ---- Somebody else's hand ----

    @ParameterizedTest
    @CsvSource({"50, '5,50', 'going on with canary 3/3'", "30, '5,30,50', 'going on with canary 2/3'", "99, '5,99', 'going on with canary 3/3'"})
    void whatSomebodyMovedForwardStaysAndTheStepThatFitsIsNext(String weight, String taken, String told) {
        Run r = during(1, "ecsShiftWeights(params.keys + [weight: " + weight + "])");
        succeeded(r);
        assertEquals(List.of(taken.split(",")), taken(World.report(r)));
        assertTrue(r.logged("somebody gave it " + weight + " % of the live traffic: " + told), r.text());
        assertEquals("promoted", World.report(r).get("outcome"));
        w.state().wasSoundThroughout();
        w.state().isSettledOn(World.OURS, World.OURS);
    }

    @Test
    void whereSomebodySwappedThePromotionIsNext() {
        Run r = during(1, "ecsSwapLive(params.keys)");
        succeeded(r);
        assertEquals(List.of("5"), taken(World.report(r)));
        assertTrue(r.logged("somebody gave it 100 % of the live traffic: going on with the swap"), r.text());
        assertEquals(World.OLD, Json.at(World.report(r), "previous.deploymentId"));
        w.state().isSettledOn(World.OURS, World.OURS);
    }

    @ParameterizedTest
    @CsvSource({"1, ecsRollback(params.keys)", "3, ecsShiftWeights(params.keys + [weight: 10])"})
    void whereSomebodyWentBackItStops(int nth, String how) {
        Run r = during(nth, how);
        Map<String, Object> report = World.ended(r, "FAILURE", "rolledBack", "canary");
        assertTrue(List.of("weights-changed-meanwhile", "task-set-not-found", "task-set-deleted", "draining").contains(Json.at(report, "error.code")), report.toString());
        w.state().wasSoundThroughout();
        w.state().isSettledOn(World.OLD, World.OLD);
    }

    @Test
    void anotherBuildIsRefusedWhileACanaryIsUnderWay() {
        List<Run> second = new ArrayList<>();
        Run r = World.checked(inBake(w.pipeline(World.DEPLOY), 2, () -> second.add(w.next())).run());
        succeeded(r);
        Map<String, Object> report = World.ended(second.get(0), "FAILURE", "refused", "prepare");
        assertEquals("other-deployment", Json.at(report, "error.code"));
        assertTrue(second.get(0).logged("ecs-bg rollback --deployment-id "), second.get(0).text());
        w.state().isSettledOn(World.OURS, World.OURS);
    }

    // ---- Run again ----

    @ParameterizedTest
    @CsvSource({"2, '5,25.5,50'", "5, '5,25.5,50'", "25.5, '25.5,50'", "33, '33,50'", "80, '80'"})
    void aBuildThatDiedIsRunAgainAndGoesOnWhereTheWeightsSay(String weight, String taken) {
        succeeded(w.run(BEGUN + "ecsShiftWeights(k + [weight: " + weight + "])"));
        w.account.forget();
        Run r = w.with("approve", true).setting(p -> p.approver(Approver.nobody())).deploy();
        succeeded(r);
        assertEquals(List.of(taken.split(",")), taken(World.report(r)));
        assertTrue(r.logged("has " + weight), r.text());
        assertFalse(World.actions(r).contains("create-task-set"), World.actions(r).toString());
        assertTrue(String.valueOf(World.report(r).get("taskDefinitionArn")).endsWith("web:2"));
        w.state().wasSoundThroughout();
        w.state().isSettledOn(World.OURS, World.OURS);
    }

    @Test
    void aCanaryThatWasKeptSaysHowItGoesOnAndDoes() {
        w.with("onFailure", "keep");
        Run kept = w.run("int looks = 0\nblueGreenDeploy(params.keys + [gates: [check: { Map d -> if (d.canary.step == '2/3') error('no') }]])");
        Map<String, Object> report = World.ended(kept, "FAILURE", "kept", "canary");
        assertNull(report.get("live"), "some of both");
        assertTrue(kept.logged("To go on with it, run the build again with deploymentId: '" + World.OURS + "'"), kept.text());
        Run again = w.deploy();
        succeeded(again);
        assertEquals(List.of("25.5", "50"), taken(World.report(again)));
        String look = again.steps("withEnv").stream().map(s -> String.valueOf(s.args)).filter(a -> a.contains("ECS_BG_ACTION=check-gates")).findFirst().orElseThrow();
        String first = String.valueOf(list(report, "canary.steps").get(0).get("movedAt"));
        assertTrue(look.replaceAll(".*\"baseline\":\"([^\"]+)\".*", "$1").compareTo(first) < 0, "what was before the first live request is known as such: " + look);
        w.state().isSettledOn(World.OURS, World.OURS);
    }

    @Test
    void aCanaryIsNotBegunAgainWhereAllTrafficIsOnTheVersion() {
        w.with("canary", List.of(map("weight", 5, "bake", "1m", "scale", 50)));
        succeeded(w.run(BEGUN + "ecsScaleTaskSet(k + [scale: 50])\necsWaitStable(k)\necsSwapLive(k + [allow: 'canary-undersized'])"));
        Run r = w.deploy();
        succeeded(r);
        assertFalse(World.actions(r).contains("shift-weights"), World.actions(r).toString());
        assertTrue(World.actions(r).contains("scale-task-set"), "all its tasks: " + World.actions(r));
        w.state().isSettledOn(World.OURS, World.OURS);
    }
}
