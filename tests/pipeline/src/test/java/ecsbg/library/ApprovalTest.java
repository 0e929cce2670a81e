package ecsbg.library;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ecsbg.aws.Json;
import ecsbg.pipeline.Approver.Answer;
import ecsbg.pipeline.Approver;
import ecsbg.pipeline.Interruption;
import ecsbg.pipeline.Run;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

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
        assertEquals("web in prod: Swap live traffic to the new version? (green, web:2)", q.message);
        List<String> facts = q.description("NOTE").lines().toList();
        for (String line : List.of("Service web in cluster prod, eu-west-1", "  image            web: " + w.image("v1") + " → " + w.image("v2"),
                "  task definition  web:1 → web:2", "  tasks            blue: 2 of 2 running, 2 healthy → green: 2 of 2 running, 2 healthy",
                "  to be seen at    http://" + w.text("loadBalancerDns") + ":9000")) {
            assertTrue(facts.contains(line) && r.log.contains(line), line + " is not in\n" + facts);
        }
        assertTrue(facts.stream().anyMatch(l -> l.startsWith("  live traffic     blue 100, green 0 → blue 0, green 100")), facts.toString());
        assertEquals("waiting for an answer: " + q.message + "\n  task definition  web:1 → web:2\n  to be seen at    http://" + w.text("loadBalancerDns") + ":9000", q.buildDescription);
        assertEquals("web: promoted web:2 (live: green)", r.description);
    }

    @Test
    void theSecondQuestionOffersDeleteKeepAndRollBack() {
        Run r = w.run("currentBuild.description = 'before'\n" + World.DEPLOY);
        Run.Input q = r.inputs.get(1);
        assertEquals("Cleanup-web", q.id);
        assertEquals("web in prod: The new version is live. Delete the previous one? (blue, web:1)", q.message);
        assertEquals(List.of("Delete", "Keep", "Roll back"), q.parameters.get(0).args().get("choices"));
        String facts = q.description("ACTION");
        assertTrue(facts.contains("\n  live             green: web:2 (deployment " + World.OURS + ")\n  stands by        web:1 (task set ecs-svc/"), facts);
        assertEquals("before\nwaiting for an answer: " + q.message + "\n  live             green: web:2", q.buildDescription);
        assertEquals("before\nweb: promoted web:2 (live: green)", r.description);
    }

    @Test
    void whateverTheTeamsMessageIsTheHeadingIsOneShortLineAndNothingOfItIsLost() {
        String message = "  First line\r\nsecond\u001b[31m line\n" + "x".repeat(4000);
        w.with("approve", map("message", message)).with("cleanup", map("approve", map("message", message)));
        Run r = w.deploy();
        assertEquals("SUCCESS", r.result, r.text());
        assertEquals(2, r.inputs.size());
        for (Run.Input q : r.inputs) {
            assertTrue(q.message.startsWith("web in prod: First line second [31m line xxx") && q.message.contains("xxx… ("), q.message);
            String facts = q.description(q.parameters.get(0).name());
            assertTrue(facts.startsWith("First line \nsecond [31m line\n" + "x".repeat(4000) + "\nService web in"), facts);
        }
    }

    /** Every way that an answer comes to Jenkins, and what the build makes of it. */
    static Stream<Arguments> answers() {
        return Stream.of(
            Arguments.of("the form as it is", Answer.approve("bob"), "bob", null, "Delete"),
            Arguments.of("the form, filled in", Answer.approve("bob", Map.of("NOTE", "  seen by Ann\nand me \n", "ACTION", "Keep")), "bob", "seen by Ann\nand me", "Keep"),
            Arguments.of("an API with parameters", Answer.byApi("bob", Map.of("NOTE", "by bot", "ACTION", "Delete")), "bob", "by bot", "Delete"),
            Arguments.of("proceedEmpty", Answer.proceedEmpty("bob"), "bob", null, "Keep"),
            Arguments.of("proceedEmpty of a user with a telling name", Answer.proceedEmpty("Roll back"), "Roll back", null, "Keep"),
            Arguments.of("proceedEmpty of an older plugin", Answer.oldProceedEmpty("bob"), null, null, "Keep"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("answers")
    void anAnswerCountsHoweverItComes(String how, Answer answer, String by, String note, String choice) {
        Run r = w.setting(p -> p.approver(q -> new Answer(answer.user(), true, fitting(q, answer), 0, answer.way()))).deploy();
        assertEquals("SUCCESS", r.result, r.text());
        Map<String, Object> report = World.report(r);
        assertEquals("promoted", report.get("outcome"));
        assertEquals(by, report.get("approver"));
        assertEquals(note, report.get("note"));
        assertEquals(by, report.get("cleanupApprover"));
        assertEquals(choice.equals("Delete"), Json.at(report, "previous.deleted"));
        assertEquals(answer.way() != Approver.Way.FORM && answer.values().isEmpty(), r.logged("the answer has no choice (ACTION): the previous version is kept"), r.text());
        if (choice.equals("Delete")) w.state().isSettledOn(World.OURS, World.OURS);
        else w.state().isSettledOn(World.OURS, World.OURS, World.OLD);
    }

    private static Map<String, Object> fitting(Run.Input q, Answer answer) {
        Map<String, Object> values = new LinkedHashMap<>(answer.values());
        values.keySet().removeIf(name -> q.parameters.stream().noneMatch(p -> p.name().equals(name)));
        return values;
    }

    @Test
    void aSubmitterParameterOfTheSameNameAsOursIsNoAnswer() {
        w.with("approve", map("submitterParameter", "NOTE")).with("cleanup", map("approve", map("submitterParameter", "ACTION")))
            .setting(p -> p.approver(Approver.by("Roll back")));
        Run r = w.deploy();
        assertEquals("SUCCESS", r.result, r.text());
        assertNull(World.report(r).get("note"));
        assertEquals("Roll back", World.report(r).get("approver"));
        w.state().isSettledOn(World.OURS, World.OURS, World.OLD);
    }

    @Test
    void aNoteIsKeptBoundedAndItsBeginningIsInTheLog() {
        Run r = w.setting(p -> p.approver(q -> Answer.approve("alice", q.id.startsWith("Swap") ? Map.of("NOTE", "n".repeat(5000)) : Map.of()))).deploy();
        assertEquals("n".repeat(1999) + "…", World.report(r).get("note"));
        assertFalse(r.logged("n".repeat(101)), "the log has its beginning");
    }

    @Test
    void anAbortWhileItIsAskedTakesTheQuestionFromTheBuildsDescription() {
        int step = w.deploy().steps("input").get(0).number;
        World again = new World(tmp.resolve("again"));
        Run r = again.setting(p -> p.approver(Approver.nobody()).abortAt(step, Interruption.Form.DURING)).deploy();
        assertEquals("ABORTED", r.result, r.text());
        assertEquals("interrupted", r.inputs.get(0).answer);
        assertTrue(r.description.startsWith("web: rolledBack"), r.description);
        again.state().isSettledOn(World.OLD, World.OLD);
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
        assertEquals("web in prod: Really? (green, web:2)", r.inputs.get(0).message);
        w.state().isSettledOn(World.OLD, World.OLD);
    }

    @Test
    void anAnswerMayComeLate() {
        Run r = w.setting(p -> p.approver(q -> Answer.approve("alice").after(23 * HOUR))).deploy();
        assertEquals("SUCCESS", r.result, r.text());
        assertTrue(((Number) Json.at(World.report(r), "seconds.approval")).longValue() >= 23 * 3600);
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
        assertEquals("not-stable", Json.at(World.report(r), "error.code"));
        w.state().liveNeverMoved();
    }

    @Test
    void whereNobodyApprovesTheNewVersionIsRemoved() {
        Run r = w.setting(p -> p.approver(Approver.nobody())).deploy();
        assertEquals("ABORTED", r.result, r.text());
        Map<String, Object> report = World.report(r);
        assertEquals("rolledBack", report.get("outcome"));
        assertEquals("approval", report.get("phase"));
        assertEquals("approval-timeout", Json.at(report, "error.code"));
        assertEquals("timeout", Json.at(report, "error.kind"));
        assertTrue(r.logged("cause: nobody approved the swap within 86400 s [approval-timeout]"), r.text());
        w.state().liveNeverMoved();
        w.state().isSettledOn(World.OLD, World.OLD);
    }

    @Test
    void aRejectionRemovesTheNewVersionAndAbortsTheBuild() {
        Run r = w.setting(p -> p.approver(q -> Answer.reject("alice"))).deploy();
        assertEquals("ABORTED", r.result, r.text());
        assertEquals("rolledBack", World.report(r).get("outcome"));
        assertEquals("interrupted", Json.at(World.report(r), "error.kind"));
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
        assertEquals(false, Json.at(World.report(r), "previous.deleted"));
        w.state().isSettledOn(World.OURS, World.OURS, World.OLD);
    }

    @Test
    void rollBackGivesTheTrafficBackAndMakesTheBuildUnstable() {
        Run r = cleanUp(choose("Roll back"));
        assertEquals("UNSTABLE", r.result, r.text());
        Map<String, Object> report = World.report(r);
        assertEquals("rolledBack", report.get("outcome"));
        assertEquals("bob", report.get("cleanupApprover"));
        assertEquals("blue", Json.at(report, "live.colour"));
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
        assertEquals("cleanup-approval-timeout", Json.at(((List<?>) report.get("warnings")).get(0), "code"));
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
