package ecsbg.library;

import static ecsbg.library.CanaryTest.count;
import static ecsbg.library.CanaryTest.list;
import static ecsbg.library.CanaryTest.map;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ecsbg.aws.Json;
import ecsbg.pipeline.Approver.Answer;
import ecsbg.pipeline.Pipeline;
import ecsbg.pipeline.Run;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What follows where a gate fails, or cannot tell. */
@Execution(ExecutionMode.CONCURRENT)
class GatesTest {
    /** There are no requests, so there is nothing to tell. */
    private static final Map<String, Object> UNTOLD = map("errors", true, "onInconclusive", "ask", "every", "5m");
    @TempDir Path tmp;
    private World w;

    @BeforeEach
    void world() {
        w = new World(tmp).with("approve", false).with("cleanup", map("bake", 0, "approve", false)).with("canary", CanaryTest.steps(5, 50)).with("gates", UNTOLD);
    }

    private World gates(Object... more) {
        Map<String, Object> gates = map(more);
        UNTOLD.forEach(gates::putIfAbsent);
        return w.with("gates", gates);
    }

    /** The questions are answered so, one after the other; the last answer is for all that follow. */
    private Run answered(String... answers) {
        Deque<String> left = new ArrayDeque<>(List.of(answers));
        return w.setting(p -> p.approver(q -> {
            String next = left.size() > 1 ? left.pop() : left.peek();
            return next.equals("nobody") ? Answer.none() : Answer.approve("bob", Map.of("ACTION", next));
        })).deploy();
    }

    private Map<String, Object> wentBack(Run r, String result, String phase) {
        Map<String, Object> report = World.ended(r, result, "rolledBack", phase);
        w.state().wasSoundThroughout();
        w.state().isSettledOn(World.OLD, World.OLD);
        return report;
    }

    private static void succeeded(Run r) {
        assertEquals("SUCCESS", r.result, r.text());
    }

    // ---- Inconclusive ----

    @Test
    void whatCannotBeToldIsAskedAtTheEndOfABakeAndGoesOn() {
        Run r = answered("Go on");
        succeeded(r);
        assertEquals(2, r.inputs.size());
        Run.Input q = r.inputs.get(0);
        assertEquals("Gates-web", q.id);
        assertEquals("web in prod: canary 1/2: the gates cannot tell. Go on all the same? (green, web:2)", q.message);
        assertEquals(List.of("Wait again", "Go on", "Roll back"), q.parameters.get(0).args().get("choices"));
        assertTrue(q.description("ACTION").contains("\n  errors: inconclusive: "), q.description("ACTION"));
        assertNull(q.held);
        assertEquals(4, count(r, "check-gates"), "one look in five minutes");
        Map<String, Object> step = list(World.report(r), "canary.steps").get(0);
        assertEquals("Go on", step.get("choice"));
        assertEquals("bob", step.get("choiceBy"));
        assertEquals(2, CanaryTest.looks(World.report(r), "1/2").size());
        w.state().isSettledOn(World.OURS, World.OURS);
    }

    @Test
    void itWaitsAgainAsLongAsSomebodyWantsItTo() {
        w.with("canary", CanaryTest.steps(5));
        Run r = answered("Wait again", "Wait again", "Go on");
        succeeded(r);
        assertEquals(3, r.inputs.size());
        assertEquals(6, count(r, "check-gates"));
        assertEquals(1, count(r, "shift-weights"), "the traffic stays where it is");
        assertTrue(r.logged("ecs-bg: web: canary 1/1: Wait again, as bob chose"), r.text());
    }

    @ParameterizedTest
    @CsvSource({"Roll back, 'bob chose to roll back'", "nobody, 'nobody answered within 86400 s'"})
    void somebodyOrNobodyRollsItBack(String answer, String told) {
        Map<String, Object> report = wentBack(answered("Go on", answer), "FAILURE", "canary");
        assertEquals("gates-inconclusive", Json.at(report, "error.code"));
        assertTrue(String.valueOf(Json.at(report, "error.message")).matches("(?s)canary 2/2: the gates could not tell, and " + told + "\n.*  errors: inconclusive: .*"), report.toString());
    }

    @Test
    void nobodyIsAskedWhereItIsRolledBackAtOnce() {
        gates("onInconclusive", "rollback", "every", "10m");
        Run r = w.deploy();
        Map<String, Object> report = wentBack(r, "FAILURE", "canary");
        assertEquals("gates-inconclusive", Json.at(report, "error.code"));
        assertEquals(0, r.inputs.size());
        assertEquals(3, r.executors.size(), "on the executor of the look");
        assertTrue(r.log.stream().anyMatch(l -> l.startsWith("  cause: canary 1/2: the gates could not tell")), r.text());
    }

    @Test
    void whoIsNotAskedAboutTheSwapIsNotAskedAboutThis() {
        w.with("gates", map("errors", true, "every", "10m"));
        assertEquals("gates-inconclusive", Json.at(wentBack(w.deploy(), "FAILURE", "canary"), "error.code"));
    }

    @Test
    void nobodyIsAskedWhereItGoesOnAnyway() {
        gates("onInconclusive", "go-on", "every", "10m");
        Run r = w.deploy();
        succeeded(r);
        assertEquals(0, r.inputs.size());
        List<Map<String, Object>> warnings = list(World.report(r), "warnings").stream().filter(x -> "gates-inconclusive".equals(x.get("code"))).toList();
        assertEquals(2, warnings.size(), warnings.toString());
        assertTrue(r.logged("WARNING: canary 2/2: the gates could not tell, and it goes on"), r.text());
    }

    @Test
    void anApprovedStepIsNotAskedForAgain() {
        w.with("canary", List.of(map("weight", 5, "bake", "1m", "approve", true)));
        Run r = w.setting(p -> p.approver(q -> Answer.approve("bob", q.id.startsWith("Gates") ? Map.of("ACTION", "Go on") : Map.of()))).deploy();
        succeeded(r);
        assertEquals(List.of("Gates-web", "Canary-web"), r.inputs.stream().map(q -> q.id).toList());
    }

    @Test
    void theBakeAfterTheSwapIsWatchedWithoutACanaryToo() {
        w.with("canary", null).with("cleanup", map("bake", "10m", "approve", false));
        Run r = answered("Roll back");
        Map<String, Object> report = wentBack(r, "FAILURE", "bake");
        assertEquals("gates-inconclusive", Json.at(report, "error.code"));
        assertEquals(2, CanaryTest.looks(report, "bake").size());
        assertNull(report.get("canary"));
    }

    // ---- Failed ----

    /** An alarm is in ALARM from the nth bake on. */
    private Pipeline alarmed(int nth, String... keys) {
        w.account.alarm("web-5xx", "OK");
        w.with("gates", map("alarms", List.of("web-5xx"), "every", "5m", "onFail", keys.length == 0 ? "rollback" : keys[0])).with("cleanup", map("bake", "10m", "approve", false));
        return CanaryTest.inBake(w.pipeline(World.DEPLOY), 2 * nth - 1, () -> w.account.alarm("web-5xx", "ALARM"));
    }

    @ParameterizedTest
    @CsvSource({"1, canary, 1/2", "2, canary, 2/2", "3, bake, 2/2"})
    void aGateThatFailsGoesBackAtOnceOnTheExecutorOfTheLook(int nth, String phase, String step) {
        Run r = World.checked(alarmed(nth).run());
        Map<String, Object> report = wentBack(r, "FAILURE", phase);
        assertEquals("gate-failed", Json.at(report, "error.code"));
        assertEquals("failed", Json.at(report, "error.kind"));
        assertEquals(step, Json.at(report, "canary.step"));
        assertEquals(World.OLD, Json.at(report, "live.deploymentId"));
        assertTrue(r.log.stream().anyMatch(l -> l.startsWith("  cause: ") && l.contains("alarm web-5xx: ALARM since ")), r.text());
        assertTrue(r.log.stream().anyMatch(l -> l.startsWith("ERROR: ecs-bg check-gates: ") && l.contains("alarm web-5xx")), r.text());
        assertEquals(1, count(r, "rollback"));
        List<String> last = World.actions(r);
        assertEquals(List.of("check-gates", "rollback"), last.subList(last.size() - 2, last.size()));
        assertEquals(2 * (nth - 1) + 1, count(r, "check-gates"), "a look before the end of a bake matters where it fails");
    }

    @ParameterizedTest
    @CsvSource({"1, Go on, 5", "1, Wait again, 7", "3, Go on, 5"})
    void whereAGateThatFailedIsAskedAboutAPersonDecides(int nth, String answer, int looks) {
        Run r = World.checked(alarmed(nth, "ask").approver(q -> {
            w.account.alarm("web-5xx", "OK");
            return Answer.approve("bob", Map.of("ACTION", answer)).after(60_000);
        }).run());
        succeeded(r);
        assertEquals(1, r.inputs.size());
        assertTrue(r.inputs.get(0).message.contains(": a gate failed. Go on all the same? (green, web:2)"), r.inputs.get(0).message);
        assertNull(r.inputs.get(0).held);
        assertNull(World.report(r).get("error"));
        assertEquals(looks, count(r, "check-gates"));
        w.state().isSettledOn(World.OURS, World.OURS);
    }

    @ParameterizedTest
    @CsvSource({"Roll back, 'bob chose to roll back'", "nobody, 'nobody answered within 86400 s'"})
    void whereAGateThatFailedIsAskedAboutSomebodyOrNobodyRollsItBack(String answer, String told) {
        Run r = World.checked(alarmed(2, "ask").approver(q -> answer.equals("nobody") ? Answer.none() : Answer.approve("bob", Map.of("ACTION", answer))).run());
        Map<String, Object> report = wentBack(r, "FAILURE", "canary");
        assertEquals("gate-failed", Json.at(report, "error.code"));
        assertTrue(String.valueOf(Json.at(report, "error.message")).startsWith("canary 2/2: a gate failed, and " + told + "\n  state: pass: "), report.toString());
    }

    @Test
    void aVersionWhoseRequestsFailIsTakenBackByItsErrors() {
        w.account.knobs(Map.of("metricPeriod", 1, "metricDelay", 0));
        w.account.metrics(Map.of("model", Map.of("requests", 2000, "versions", Map.of("blue", Map.of("errors", 0.001), "green", Map.of("errors", 0.3)))));
        w.with("canary", List.of(map("weight", 10, "bake", "20s"))).with("gates", map("errors", true, "every", "1s", "period", "1s"));
        Run r = w.run("node { blueGreenDeploy(params.keys) }");
        Map<String, Object> report = wentBack(r, "FAILURE", "canary");
        assertEquals("gate-failed", Json.at(report, "error.code"));
        assertTrue(r.log.stream().anyMatch(l -> l.startsWith("  cause: ") && l.contains("errors: odds ")), r.text());
        assertTrue(((Number) Json.at(report, "seconds.check-gates")).doubleValue() < 15, report.toString());
        assertEquals(1, r.executors.size());
    }

    // ---- The team's own check ----

    @ParameterizedTest
    @CsvSource({"1/2, canary, error('too many carts were lost')", "2/2, canary, sh 'exit 3'", "bake, bake, assert 1 == 2"})
    void aCheckThatThrowsGoesBackAtThatStep(String where, String phase, String how) {
        w.with("gates", null).with("cleanup", map("bake", "10m", "approve", false));
        Run r = w.run("blueGreenDeploy(params.keys + [gates: [check: { Map d -> if (d.phase == 'bake' ? '" + where + "' == 'bake' : d.canary.step == '" + where + "') { " + how + " } }]])");
        wentBack(r, "FAILURE", phase);
        String told = how.startsWith("error") ? "too many carts were lost" : how.startsWith("sh") ? "script returned exit code 3" : "assert 1 == 2";
        assertTrue(r.log.stream().anyMatch(l -> l.startsWith("  cause: ") && l.contains(told)), r.text());
    }

    @ParameterizedTest
    @ValueSource(strings = {"'smoke.sh'", "true"})
    void aCheckIsAClosure(String given) {
        Run r = w.run("blueGreenDeploy(params.keys + [gates: [check: " + given + "]])");
        assertEquals("FAILURE", r.result);
        assertTrue(r.logged("ERROR: blueGreenDeploy: gates.check must be a closure, as in check: { Map d -> … }"), r.text());
        assertEquals(1, r.steps.size(), r.steps.toString());
    }

    // ---- Looks in the report ----

    @Test
    void ofManyLooksTheLastOnesAreKeptAndThoseThatChangedTheVerdict() {
        Run r = World.checked(w.pipeline("""
            Map d = [report: [service: 'web', events: []]]
            Map watch = [name: 'canary 1/1', step: '1/1']
            for (int at = 0; at < 140; at++) {
                String verdict = at == 7 ? 'inconclusive' : 'pass'
                List gates = []
                for (String name in ['errors', 'latency', 'state', 'alarm web-5xx']) {
                    gates.add([gate: name, verdict: verdict, dryRun: false, words: "reading ${at} ".toString() * 10, readings: ('r' + at) * 50, threshold: [:], notes: []])
                }
                ecsBgGates.keep(d, watch, [weight: at, verdict: verdict, gates: gates])
            }
            List at = []
            List whole = []
            for (Map look in d.report.events) {
                at.add(look.weight)
                if (look.gates[0].readings) whole.add(look.weight)
            }
            echo "KEPT ${at.join(' ')}"
            echo "WHOLE ${whole.join(' ')}"
            """).run());
        succeeded(r);
        assertTrue(r.log.stream().anyMatch(l -> l.matches("KEPT 0 7 8 43 44 .* 139")), r.text());
        assertTrue(r.log.contains("WHOLE 0 7 8 139"), r.text());
        assertEquals(3, r.log.stream().filter(l -> l.startsWith("ecs-bg: web: canary 1/1: ")).count(), "a line where the verdict changes");
        assertTrue(r.largestSave < 150_000, r.largestSave + " bytes");
    }
}
