package ecsbg.library;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ecsbg.pipeline.Approver;
import ecsbg.pipeline.Approver.Answer;
import ecsbg.pipeline.Run;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The two questions: what they show, who may answer, and what becomes of each answer. */
@Execution(ExecutionMode.CONCURRENT)
class ApprovalTest {
    private static final long HOUR = 3_600_000;
    @TempDir Path tmp;
    private World w;

    @BeforeEach
    void world() {
        w = new World(tmp);
    }

    /** The swap is approved by alice, the second question answered by bob. */
    private Run cleanUp(Answer second) {
        return w.setting(p -> p.approver(q -> q.id.startsWith("Swap") ? Answer.approve("alice") : second)).deploy();
    }

    private static Answer choose(String what) {
        return Answer.approve("bob", Map.of("ACTION", what));
    }

    private static Map<String, Object> map(Object... pairs) {
        Map<String, Object> m = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) m.put((String) pairs[i], pairs[i + 1]);
        return m;
    }

    @Test
    void theFirstQuestionShowsWhatWillChange() {
        Run r = w.deploy();
        Run.Input q = r.inputs.get(0);
        assertEquals("Swap-web", q.id);
        assertEquals("Swap", q.ok);
        for (String part : List.of("Swap live traffic to the new version?\n", "Service web in cluster prod, eu-west-1", "web: " + w.image("v1") + " → " + w.image("v2"),
                "web:1 → web:2", "blue: 2 of 2 running, 2 healthy → green: 2 of 2 running, 2 healthy", "blue 100, green 0 → blue 0, green 100",
                "http://" + w.text("loadBalancerDns") + ":9000")) {
            assertTrue(q.message.contains(part), part + " is not in\n" + q.message);
        }
    }

    @Test
    void theSecondQuestionOffersDeleteKeepAndRollBack() {
        Run r = w.deploy();
        Run.Input q = r.inputs.get(1);
        assertEquals("Cleanup-web", q.id);
        assertEquals(List.of("Delete", "Keep", "Roll back"), q.parameters.get(0).args().get("choices"));
        assertTrue(q.message.contains("green: web:2 (deployment " + World.OURS + ")") && q.message.contains("stands by        web:1"), q.message);
    }

    @Test
    void noExecutorIsHeldWhileSomebodyIsAskedOrBaked() {
        Run r = w.deploy();
        assertTrue(r.inputs.stream().allMatch(q -> q.held == null));
        assertTrue(r.executors.stream().allMatch(x -> x.ended - x.started < 60_000), "none held during the bake of 10 minutes");
        assertEquals(3, r.executors.size(), "one for each stretch of work");
    }

    @Test
    void whoAnsweredIsInTheReport() {
        Run r = cleanUp(choose("Delete"));
        assertEquals("alice", World.report(r).get("approver"));
        assertEquals("bob", World.report(r).get("cleanupApprover"));
    }

    @Test
    void onlyASubmitterMayAnswer() {
        w.with("approve", map("submitter", "ops, bob", "submitterParameter", "WHO", "timeout", "2h", "message", "Really?"))
            .setting(p -> p.approver(q -> q.id.startsWith("Swap") ? Answer.approve("mallory") : Answer.approve("alice")));
        Run r = w.deploy();
        assertEquals("ABORTED", r.result, "nobody else answered, until the time was over");
        assertEquals(List.of("mallory"), r.inputs.get(0).turnedAway);
        assertEquals("WHO", r.inputs.get(0).submitterParameter);
        assertTrue(r.inputs.get(0).message.startsWith("Really?\n"));
        w.state().isSettledOn(World.OLD, World.OLD);
    }

    @Test
    void anAnswerMayComeLate() {
        Run r = w.setting(p -> p.approver(q -> Answer.approve("alice").after(23 * HOUR))).deploy();
        assertEquals("SUCCESS", r.result, r.text());
        assertTrue(((Number) World.at(World.report(r), "seconds.approval")).longValue() >= 23 * 3600);
        w.state().isSettledOn(World.OURS, World.OURS);
    }

    @Test
    void aServiceThatIsScaledDuringTheApprovalCostsNoGoodVersion() {
        Run r = w.setting(p -> p.approver(q -> {
            if (q.id.startsWith("Swap")) {
                w.account.knobs(Map.of("startSeconds", 1));
                w.account.scale(w.text("taskSetArn"), 4);
            }
            return Answer.approve("alice");
        })).deploy();
        assertEquals("SUCCESS", r.result, r.text());
        assertEquals("promoted", World.report(r).get("outcome"));
        assertTrue(r.logged("(deployment " + World.OURS + ") scales at this moment: 2 running, 2 pending of 4"), r.text());
        w.state().isSettledOn(World.OURS, World.OURS);
    }

    @Test
    void aVersionWhoseTasksFailDuringTheApprovalIsRemoved() {
        Run r = w.setting(p -> p.approver(q -> {
            w.account.knobs(Map.of("startSeconds", 1));
            w.account.tasks(String.valueOf(new State(w, w.account.history()).set(World.OURS).get("arn")), "stop");
            return Answer.approve("alice");
        })).deploy();
        assertEquals("FAILURE", r.result, r.text());
        assertEquals("rolledBack", World.report(r).get("outcome"));
        assertEquals("not-stable", World.at(World.report(r), "error.code"));
        w.state().liveNeverMoved();
    }

    @Test
    void whereNobodyApprovesTheNewVersionIsRemoved() {
        Run r = w.setting(p -> p.approver(Approver.nobody())).deploy();
        assertEquals("ABORTED", r.result, r.text());
        Map<String, Object> report = World.report(r);
        assertEquals("rolledBack", report.get("outcome"));
        assertEquals("approval", report.get("phase"));
        assertEquals("approval-timeout", World.at(report, "error.code"));
        assertEquals("timeout", World.at(report, "error.kind"));
        assertTrue(r.logged("cause: nobody approved the swap within 86400 s [approval-timeout]"), r.text());
        w.state().liveNeverMoved();
        w.state().isSettledOn(World.OLD, World.OLD);
    }

    @Test
    void aRejectionRemovesTheNewVersionAndAbortsTheBuild() {
        Run r = w.setting(p -> p.approver(q -> Answer.reject("alice"))).deploy();
        assertEquals("ABORTED", r.result, r.text());
        assertEquals("rolledBack", World.report(r).get("outcome"));
        assertEquals("interrupted", World.at(World.report(r), "error.kind"));
        assertTrue(r.logged("Rejected by alice") && r.logged("ended in phase approval: rolledBack"), r.text());
        w.state().liveNeverMoved();
        w.state().isSettledOn(World.OLD, World.OLD);
    }

    @Test
    void keepLeavesThePreviousVersionForTheNextDeployment() {
        Run r = cleanUp(choose("Keep"));
        assertEquals("SUCCESS", r.result, r.text());
        assertEquals("promoted", World.report(r).get("outcome"));
        assertFalse(World.actions(r).contains("delete-task-set"));
        assertEquals(false, World.at(World.report(r), "previous.deleted"));
        w.state().isSettledOn(World.OURS, World.OURS, World.OLD);
    }

    @Test
    void rollBackGivesTheTrafficBackAndMakesTheBuildUnstable() {
        Run r = cleanUp(choose("Roll back"));
        assertEquals("UNSTABLE", r.result, r.text());
        Map<String, Object> report = World.report(r);
        assertEquals("rolledBack", report.get("outcome"));
        assertEquals("bob", report.get("cleanupApprover"));
        assertEquals("blue", World.at(report, "live.colour"));
        assertNull(report.get("error"));
        assertTrue(r.logged("rolled back, as bob asked"), r.text());
        assertFalse(w.mutations().contains("UpdateServicePrimaryTaskSet"), "PRIMARY was the old version all the time");
        w.state().isSettledOn(World.OLD, World.OLD);
    }

    @Test
    void rollBackIsDoneEvenWhereFailuresAreKept() {
        w.with("onFailure", "keep");
        Run r = cleanUp(choose("Roll back"));
        assertEquals("UNSTABLE", r.result, r.text());
        w.state().isSettledOn(World.OLD, World.OLD);
    }

    @Test
    void aRollBackThatFailsFailsTheBuildWithTheCommandForIt() {
        w.setting(p -> p.approver(q -> {
            if (q.id.startsWith("Swap")) return Answer.approve("alice");
            w.account.fault(Map.of("operation", "ModifyListener", "kind", "access-denied", "times", 500));
            return choose("Roll back");
        }));
        Run r = w.deploy();
        assertEquals("FAILURE", r.result, r.text());
        assertEquals("rollbackFailed", World.report(r).get("outcome"));
        assertTrue(r.logged("the rollback that was asked for failed: "), r.text());
        w.state().wasHealthyThroughout();
        w.account.clearFaults();
        w.byHand(r, "rollback");
        w.state().isSettledOn(World.OLD, World.OLD);
    }

    @Test
    void whereNobodyAnswersTheSecondQuestionBothVersionsAreKept() {
        Run r = cleanUp(Answer.none());
        assertEquals("UNSTABLE", r.result, r.text());
        Map<String, Object> report = World.report(r);
        assertEquals("promoted", report.get("outcome"));
        assertEquals("cleanup-approval-timeout", World.at(((List<?>) report.get("warnings")).get(0), "code"));
        w.state().isSettledOn(World.OURS, World.OURS, World.OLD);
    }

    @Test
    void aRejectionOfTheSecondQuestionAbortsAndKeepsBoth() {
        Run r = cleanUp(Answer.reject("bob"));
        assertEquals("ABORTED", r.result, r.text());
        assertEquals("promoted", World.report(r).get("outcome"));
        assertTrue(r.logged("the previous version is still there; the next deployment removes it. By hand:"), r.text());
        w.state().isSettledOn(World.OURS, World.OURS, World.OLD);
        w.byHand(r, "delete-task-set");
        w.state().isSettledOn(World.OURS, World.OURS);
    }

    @Test
    void insideNodeThatExecutorIsUsedAndItIsSaidOnceThatTheQuestionHoldsIt() {
        Run r = w.run("node('linux') { blueGreenDeploy(params.keys) }");
        assertEquals("SUCCESS", r.result, r.text());
        assertEquals(1, r.executors.size());
        assertTrue(r.executors.get(0).heldByInput);
        assertEquals(1, r.log.stream().filter(l -> l.contains("this question holds the executor agent-linux")).count(), r.text());
        assertEquals(0, r.steps("checkout").size(), "the node has its own checkout, or none");
    }

    @Test
    void insideNodeAFailureIsUndoneThereToo() {
        Run r = w.outcome("v2", "crash").run("node('linux') { blueGreenDeploy(params.keys) }");
        assertEquals("FAILURE", r.result, r.text());
        assertEquals(1, r.executors.size());
        w.state().isSettledOn(World.OLD, World.OLD);
    }
}
