package ecsbg.library;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ecsbg.aws.Json;
import ecsbg.pipeline.Approver.Answer;
import ecsbg.pipeline.Approver;
import ecsbg.pipeline.Interruption.Form;
import ecsbg.pipeline.Interruption;
import ecsbg.pipeline.Pipeline;
import ecsbg.pipeline.Run;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** From the swap to PRIMARY: a deployment is under way, for every other build too, until its bake is over and the question after it is answered. */
@Execution(ExecutionMode.CONCURRENT)
class BakeTest {
    /** The steps of a deployment that nothing disturbs: which number the bake and the question have. */
    private static final class Steps {
        static final Run RUN = run();

        private static Run run() {
            try {
                return new World(Files.createTempDirectory("steps")).deploy();
            } catch (IOException x) {
                throw new UncheckedIOException(x);
            }
        }

        static int last(String name) {
            List<Run.Step> all = RUN.steps(name);
            return all.get(all.size() - 1).number;
        }
    }

    @TempDir Path tmp;
    private World w;

    @BeforeEach
    void world() {
        w = new World(tmp);
    }

    /** Does something once, right before the first step like this one starts. */
    private Pipeline before(Predicate<Run.Step> step, Runnable meanwhile) {
        boolean[] done = {false};
        return w.pipeline(World.DEPLOY).onStepStart(s -> {
            if (done[0] || !step.test(s)) return;
            done[0] = true;
            meanwhile.run();
        });
    }

    private static boolean isSh(Run.Step s, String action) {
        return s.name.equals("sh") && String.valueOf(s.label).startsWith("ecs-bg " + action + " ");
    }

    /** Somebody is asked for the second time: something happens, and that is the answer. */
    private World asked(Answer second, Runnable meanwhile) {
        return w.setting(p -> p.approver(q -> {
            if (q.id.startsWith("Swap")) return Answer.approve("alice");
            meanwhile.run();
            return second;
        }));
    }

    private void refused(Run second) {
        Map<String, Object> report = World.ended(second, "FAILURE", "refused", "prepare");
        assertEquals("other-deployment", Json.at(report, "error.code"));
        for (String part : List.of(World.OURS, "https://jenkins.example/job/shop/job/web/7/", "deploymentId: '" + World.OURS + "'", "ecs-bg set-primary --deployment-id ", "ecs-bg rollback --deployment-id ")) {
            assertTrue(second.logged(part), part + "\n" + second.text());
        }
        assertEquals(List.of("preflight"), World.actions(second));
    }

    private void failPromotion(int times) {
        w.account.fault(Map.of("operation", "UpdateServicePrimaryTaskSet", "kind", "access-denied", "times", times));
    }

    // ---- Two builds ----

    @Test
    void aSecondBuildDuringTheBakeIsRefusedAndAnAbortOfTheFirstOneGoesBack() {
        List<Run> second = new ArrayList<>();
        Run r = World.checked(before(s -> s.name.equals("sleep"), () -> second.add(w.next())).interrupt(Interruption.abort(Steps.last("sleep"), Form.DURING)).run());
        refused(second.get(0));
        Map<String, Object> report = World.ended(r, "ABORTED", "rolledBack", "bake");
        assertEquals(true, Json.at(report, "rollback.ok"));
        assertEquals(World.OLD, Json.at(report, "live.deploymentId"));
        w.state().wasSoundThroughout();
        w.state().isSettledOn(World.OLD, World.OLD);
    }

    @ParameterizedTest
    @CsvSource({"Delete, SUCCESS, promoted", "Keep, SUCCESS, promoted", "Roll back, UNSTABLE, rolledBack"})
    void aSecondBuildWhileTheQuestionIsAskedIsRefusedAndTheAnswerIsCarriedOut(String answer, String result, String outcome) {
        List<Run> second = new ArrayList<>();
        Run r = asked(Answer.approve("bob", Map.of("ACTION", answer)), () -> {
            assertEquals("PRIMARY", w.state().set(World.OLD).get("status"), "until it is answered");
            second.add(w.next());
        }).deploy();
        refused(second.get(0));
        World.ended(r, result, outcome, "cleanup");
        w.state().wasSoundThroughout();
        switch (answer) {
            case "Delete" -> w.state().isSettledOn(World.OURS, World.OURS);
            case "Keep" -> w.state().isSettledOn(World.OURS, World.OURS, World.OLD);
            default -> w.state().isSettledOn(World.OLD, World.OLD);
        }
        assertEquals("SUCCESS", w.next().result, "and now it is the next one's turn");
        w.state().isSettledOn(World.NEXT, World.NEXT);
    }

    @Test
    void aBuildThatStartsBetweenPromotionAndDeletionRemovesThePreviousVersionItself() {
        List<Run> second = new ArrayList<>();
        Run r = World.checked(before(s -> isSh(s, "delete-task-set"), () -> second.add(w.next())).run());
        assertEquals("SUCCESS", second.get(0).result, second.get(0).text());
        assertTrue(second.get(0).logged("removing the previous version that was kept in the idle group: "), second.get(0).text());
        Map<String, Object> report = World.ended(r, "SUCCESS", "promoted", "cleanup");
        assertEquals(true, Json.at(report, "previous.deleted"));
        w.state().wasSoundThroughout();
        w.state().isSettledOn(World.NEXT, World.NEXT);
    }

    // ---- An end at the question ----

    @Test
    void anAbortAtTheQuestionPromotesOnTheWayOut() {
        Run r = World.checked(w.pipeline(World.DEPLOY).interrupt(Interruption.abort(Steps.last("input"), Form.DURING)).run());
        World.ended(r, "ABORTED", "promoted", "cleanup");
        assertEquals(3, r.executors.size(), "one for the promotion and the report");
        assertTrue(r.logged("the previous version is still there; the next deployment removes it. By hand:"), r.text());
        w.state().isSettledOn(World.OURS, World.OURS, World.OLD);
    }

    @ParameterizedTest
    @ValueSource(strings = {"abort", "agentLost"})
    void whatDisturbsThePromotionOnTheWayOutIsNotItsEnd(String what) {
        Interruption first = Interruption.abort(Steps.last("input"), Form.DURING);
        World other = new World(tmp.resolve("once"));
        Run once = World.checked(other.pipeline(World.DEPLOY).interrupt(first).run());
        int promotion = once.steps.stream().filter(s -> isSh(s, "set-primary")).findFirst().orElseThrow().number;
        Path marker = tmp.resolve("call");
        w.account.hook("UpdateServicePrimaryTaskSet", 1, "before", marker);
        Interruption again = what.equals("abort") ? Interruption.abort(promotion, Form.DURING) : Interruption.agentLost(promotion, Form.DURING);
        Run r = World.checked(w.pipeline(World.DEPLOY).interrupt(Interruption.abort(Steps.last("input"), Form.DURING)).interrupt(again.when(marker)).run());
        assertTrue(again.happened(), r.text());
        World.ended(r, "ABORTED", "promoted", "cleanup");
        assertEquals(2, World.actions(r).stream().filter("set-primary"::equals).count(), r.text());
        w.state().isSettledOn(World.OURS, World.OURS, World.OLD);
    }

    @Test
    void whereAnAbortAtTheQuestionCannotPromoteTheLogEndsWithTheCommandAndTheNextBuildIsRefusedUntilThen() {
        failPromotion(500);
        Run r = World.checked(w.pipeline(World.DEPLOY).interrupt(Interruption.abort(Steps.last("input"), Form.DURING)).run());
        Map<String, Object> report = World.ended(r, "ABORTED", "unpromoted", "cleanup");
        assertEquals("interrupted", Json.at(report, "error.kind"));
        assertEquals(World.OURS, Json.at(report, "live.deploymentId"));
        assertTrue(r.logged("the new version is live and not PRIMARY, and no other deployment starts until it is. To keep it:"), r.text());
        w.account.clearFaults();
        refused(w.next());
        w.byHand(r, "set-primary");
        w.state().isSettledOn(World.OURS, World.OURS, World.OLD);
        assertEquals("SUCCESS", w.next().result);
        w.state().isSettledOn(World.NEXT, World.NEXT);
    }

    @Test
    void whereThereIsNoExecutorForThePromotionTheLogEndsWithTheCommand() {
        Run r = World.checked(w.pipeline("int taken = 0\nblueGreenDeploy(params.keys + [agent: { work -> taken++; if (taken > 2) error('no agent'); node('linux') { work() } }])")
            .approver(q -> q.id.startsWith("Swap") ? Answer.approve("alice") : Answer.reject("bob")).run());
        assertEquals("ABORTED", r.result, r.text());
        assertTrue(r.logged("no other deployment starts until it is. To keep it:"), r.text());
        w.byHand(r, "set-primary");
        w.state().isSettledOn(World.OURS, World.OURS, World.OLD);
    }

    // ---- A promotion that fails ----

    @Test
    void aPromotionThatFailsKeepsBothVersionsAndSaysHowItIsDone() {
        failPromotion(500);
        Run r = w.deploy();
        Map<String, Object> report = World.ended(r, "UNSTABLE", "unpromoted", "cleanup");
        assertEquals("credentials", Json.at(report, "error.kind"), report.toString());
        assertEquals(World.OURS, Json.at(report, "live.deploymentId"));
        assertEquals(false, Json.at(report, "previous.deleted"));
        assertFalse(w.mutations().contains("DeleteTaskSet"), w.mutations().toString());
        assertTrue(r.logged("the cleanup failed, the new version is live and not PRIMARY: "), r.text());
        w.account.clearFaults();
        w.byHand(r, "rollback");
        w.state().isSettledOn(World.OLD, World.OLD);
    }

    @Test
    void aPromotionThatFailsOnceIsTriedAgainAndNothingIsDeletedAfterIt() {
        failPromotion(1);
        Run r = w.deploy();
        Map<String, Object> report = World.ended(r, "UNSTABLE", "promoted", "cleanup");
        assertEquals(false, Json.at(report, "previous.deleted"));
        assertTrue(r.logged("the previous version is still there; the next deployment removes it. By hand:"), r.text());
        w.state().isSettledOn(World.OURS, World.OURS, World.OLD);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Delete", "Keep"})
    void whatSomebodyTookBackMeanwhileIsNotSaidToBeLive(String answer) {
        Run r = asked(Answer.approve("bob", Map.of("ACTION", answer)), () -> {
            Run theirs = w.pipeline("ecsRollback(params.keys)").run();
            assertEquals("SUCCESS", theirs.result, theirs.text());
        }).deploy();
        Map<String, Object> report = World.ended(r, "UNSTABLE", "unpromoted", "cleanup");
        assertNull(report.get("live"), "not known");
        assertEquals(1, World.actions(r).stream().filter("set-primary"::equals).count(), "a refusal is not argued with");
        assertFalse(r.logged("the new version is live"), r.text());
        assertTrue(r.logged("the new version was not promoted: "), r.text());
        w.state().isSettledOn(World.OLD, World.OLD);
    }

    // ---- onFailure: 'keep'; the same build again ----

    @ParameterizedTest
    @CsvSource({"rollback, " + World.OLD, "set-primary, " + World.OURS})
    void onFailureKeepInTheBakeNamesBothWaysOut(String action, String live) {
        Run r = w.with("onFailure", "keep").run(World.OUT_OF_TIME_IN_THE_BAKE);
        Map<String, Object> report = World.ended(r, "ABORTED", "kept", "bake");
        assertEquals(World.OURS, Json.at(report, "live.deploymentId"));
        assertEquals(World.OLD, Json.at(report, "previous.deploymentId"));
        assertTrue(r.logged("Everything was left as it is (onFailure: keep). To undo it:") && r.logged("To keep it, where it is live:"), r.text());
        refused(w.next());
        w.byHand(r, action);
        w.state().isServedBy(live, live.equals(World.OLD) ? new String[] {World.OLD} : new String[] {World.OURS, World.OLD});
    }

    @ParameterizedTest
    @CsvSource({"Delete, SUCCESS, promoted, " + World.OURS, "Roll back, UNSTABLE, rolledBack, " + World.OLD})
    void aBuildThatDiedBeforeItsPromotionIsRunAgainAndBakesAndAsksAgain(String answer, String result, String outcome, String live) {
        Run died = w.run("Map k = params.keys\necsCreateTaskSet(k + [image: null, taskDefinitionArn: ecsRegisterTaskDefinition(k).taskDefinitionArn])\necsWaitStable(k)\necsSwapLive(k)");
        assertEquals("SUCCESS", died.result, died.text());
        Run r = asked(Answer.approve("bob", Map.of("ACTION", answer)), () -> { }).deploy();
        Map<String, Object> report = World.ended(r, result, outcome, "cleanup");
        assertEquals(1, r.inputs.size(), "only what becomes of the previous version");
        assertTrue(r.stageNames().contains("web: bake"), r.stageNames().toString());
        assertEquals(live, Json.at(report, "live.deploymentId"));
        assertEquals(World.OLD, Json.at(report, "previous.deploymentId"));
        w.state().isSettledOn(live, live);
    }

    @Test
    void aFirstVersionThatCannotBePromotedIsNotSaidToBeUndoneByARollback() {
        World first = new World(tmp.resolve("first"), Map.of("blue", false)).with("taskDefinition", "deploy/taskdef.json");
        first.with("containerName", "web").with("containerPort", 9000).with("taskSet", "deploy/taskset.json").with("subnets", first.made.get("subnets"))
            .with("securityGroups", first.made.get("securityGroups")).with("executionRoleArn", first.text("executionRoleArn"));
        first.account.fault(Map.of("operation", "UpdateServicePrimaryTaskSet", "kind", "access-denied", "times", 500));
        Run r = first.setting(p -> p.approver(Approver.by("alice"))).deploy();
        World.ended(r, "FAILURE", "rollbackFailed", "swap");
        first.account.clearFaults();
        assertEquals(0, r.log.stream().filter(l -> l.startsWith("ecs-bg rollback --")).count(), r.text());
        first.byHand(r, "set-primary");
        first.state().isSettledOn(World.OURS, World.OURS);
    }
}
