package ecsbg.library;

import static ecsbg.library.CanaryTest.count;
import static ecsbg.library.CanaryTest.list;
import static ecsbg.library.CanaryTest.map;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ecsbg.pipeline.Approver.Answer;
import ecsbg.pipeline.Run;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
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
    private static final Map<String, Object> UNTOLD = map("errors", true);
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
        assertEquals(20, count(r, "check-gates"), "one look a minute");
        Map<String, Object> step = list(World.report(r), "canary.steps").get(0);
        assertEquals("Go on", step.get("choice"));
        assertEquals("bob", step.get("choiceBy"));
        assertEquals(10, list(step, "looks").size());
        w.state().isSettledOn(World.OURS, World.OURS);
    }

    @Test
    void itWaitsAgainAsLongAsSomebodyWantsItTo() {
        w.with("canary", CanaryTest.steps(5));
        gates("every", "5m");
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
        assertEquals("gates-inconclusive", World.at(report, "error.code"));
        assertTrue(String.valueOf(World.at(report, "error.message")).matches("(?s)canary 2/2: the gates could not tell, and " + told + "\n.*  errors: inconclusive: .*"), report.toString());
    }

    @Test
    void nobodyIsAskedWhereItIsRolledBackAtOnce() {
        gates("onInconclusive", "rollback", "every", "10m");
        Run r = w.deploy();
        Map<String, Object> report = wentBack(r, "FAILURE", "canary");
        assertEquals("gates-inconclusive", World.at(report, "error.code"));
        assertEquals(0, r.inputs.size());
        assertEquals(3, r.executors.size(), "on the executor of the look");
        assertTrue(r.log.stream().anyMatch(l -> l.startsWith("  cause: canary 1/2: the gates could not tell")), r.text());
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
        w.with("canary", null).with("cleanup", map("bake", "2m", "approve", false));
        Run r = answered("Roll back");
        Map<String, Object> report = wentBack(r, "FAILURE", "bake");
        assertEquals("gates-inconclusive", World.at(report, "error.code"));
        assertEquals(2, list(report, "bake.looks").size());
        assertNull(report.get("canary"));
    }

    // ---- The team's own check ----

    @ParameterizedTest
    @CsvSource({"1/2, canary, error('too many carts were lost')", "2/2, canary, sh 'exit 3'", "bake, bake, assert 1 == 2"})
    void aCheckThatThrowsGoesBackAtThatStep(String where, String phase, String how) {
        w.with("gates", null).with("cleanup", map("bake", "10m", "approve", false));
        Run r = w.run("blueGreenDeploy(params.keys + [gates: [check: { Map d -> if (d.bake ? '" + where + "' == 'bake' : d.canary.step == '" + where + "') { " + how + " } }]])");
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
        w.with("canary", List.of(map("weight", 5, "bake", "130m")));
        w.with("gates", map("errors", map("dryRun", true)));
        List<String> outcomes = new ArrayList<>();
        Run r = w.deploy();
        succeeded(r);
        List<Map<String, Object>> looks = list(list(World.report(r), "canary.steps").get(0), "looks");
        assertEquals(101, looks.size(), "the first one, and the last hundred");
        assertTrue(r.largestSave < 300_000, r.largestSave + " bytes");
    }
}
