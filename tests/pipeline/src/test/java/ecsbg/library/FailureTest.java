package ecsbg.library;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ecsbg.aws.Json;
import ecsbg.pipeline.Approver;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** blueGreenDeploy where something goes wrong: refused, rolled back, kept, or not to be undone. */
@Execution(ExecutionMode.CONCURRENT)
class FailureTest {
    @TempDir Path tmp;
    private World w;

    @BeforeEach
    void world() {
        w = new World(tmp);
    }

    private void untouched() {
        w.state().liveNeverMoved();
        w.state().isSettledOn(World.OLD, World.OLD);
    }

    // ---- Refused: nothing was created, nothing is undone ----

    @Test
    void whatPreflightRefusesEndsBeforeAnythingIsCreated() {
        Run r = w.with("image", w.image("not-pushed")).deploy();
        Map<String, Object> report = World.ended(r, "FAILURE", "refused", "prepare");
        assertEquals("refused", Json.at(report, "error.kind"));
        assertEquals("image-not-found", Json.at(report, "error.code"));
        assertEquals(List.of("preflight"), World.actions(r));
        assertEquals(List.of(), w.mutations());
        assertTrue(r.logged("  cause: ") && r.logged("ERROR: ecs-bg preflight: "), r.text());
        untouched();
    }

    @Test
    void whatIsRefusedAtItsCreateRollsNothingBackAndDeletesNothing() {
        Run r = w.setting(p -> p.onStageEnd(s -> {
            if (!s.name.equals("web: preflight")) return;
            w.account.forget();
            Run theirs = w.pipeline("ecsCreateTaskSet(params.keys + [deploymentId: 'theirs-3', taskDefinitionArn: 'web:1', image: null])").onStageEnd(x -> { }).run();
            assertEquals("SUCCESS", theirs.result, theirs.text());
        })).deploy();
        Map<String, Object> report = World.ended(r, "FAILURE", "refused", "prepare");
        assertEquals("other-deployment", Json.at(report, "error.code"));
        assertTrue(String.valueOf(Json.at(report, "error.message")).contains("theirs-3"));
        assertFalse(World.actions(r).contains("rollback"), World.actions(r).toString());
        assertFalse(w.mutations().contains("DeleteTaskSet"));
        w.state().isSettledOn(World.OLD, World.OLD, "theirs-3");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "clustr: 'x'                       | did you mean `cluster`?",
        "aprove: false                     | did you mean `approve`?",
        "approve: [timeuot: '2h']          | did you mean `approve.timeout`?",
        "cleanup: [aprove: false]          | did you mean `cleanup.approve`?",
        "cleanup: [approve: [submiter: 1]] | did you mean `cleanup.approve.submitter`?",
        "onFailure: 'kep'                  | keep",
        "targetGroups: [bleu: 'x']         | did you mean `targetGroups.blue`?",
    })
    void anUnknownKeyEndsTheBuildAndNamesTheNearest(String key, String told) {
        Run r = w.run("blueGreenDeploy(params.keys + [" + key + "])");
        World.ended(r, "FAILURE", "refused", "prepare");
        assertTrue(r.logged(told), r.text());
        assertEquals(0, w.account.calls().size());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "validate: 'smoke.sh'   | blueGreenDeploy: validate must be a closure",
        "notify: true           | blueGreenDeploy: notify must be a closure",
        "agent: 5               | blueGreenDeploy: agent must be a label, or a closure",
        "checkout: 'git'        | blueGreenDeploy: checkout must be true, false, or a closure",
    })
    void aWrongTypeIsSaidBeforeAnythingStarts(String key, String told) {
        Run r = w.run("blueGreenDeploy(params.keys + [" + key + "])");
        assertEquals("FAILURE", r.result);
        assertTrue(r.logged("ERROR: " + told), r.text());
        assertEquals(1, r.steps.size(), r.steps.toString());
    }

    // ---- Before the swap: our set goes, live was never touched ----

    @ParameterizedTest
    @CsvSource({"crash, failed", "unhealthy, failed", "pull-error, failed", "stuck, timeout"})
    void tasksThatDoNotComeUpAreRemovedAndTheirReasonsTold(String outcome, String kind) {
        Run r = w.outcome("v2", outcome).with("timeout", "3s").deploy();
        Map<String, Object> report = World.ended(r, "FAILURE", "rolledBack", "prepare");
        assertEquals(kind, Json.at(report, "error.kind"), report.toString());
        assertEquals(true, Json.at(report, "rollback.ok"));
        assertEquals("rollback", World.actions(r).get(World.actions(r).size() - 1));
        assertTrue(r.stageNames().contains("web: rollback"));
        assertEquals(0, r.inputs.size(), "nobody is asked");
        assertTrue(r.logged("ERROR: ecs-bg wait-stable: ") && r.logged("web ended in phase prepare: rolledBack"), r.text());
        untouched();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "error 'the page is blank'             | the page is blank",
        "sh 'exit 3'                           | script returned exit code 3",
        "assert 1 + 1 == 3                     | assert 1 + 1 == 3",
        "smokeTest 'x'                         | No such DSL method 'smokeTest' found",
        "null.length()                         | Cannot invoke method length() on null object",
    })
    void whateverValidateThrowsRemovesTheNewVersion(String hook, String told) {
        Run r = w.run("blueGreenDeploy(params.keys + [validate: { Map d -> " + hook + " }])");
        Map<String, Object> report = World.ended(r, "FAILURE", "rolledBack", "prepare");
        assertTrue(String.valueOf(Json.at(report, "error.message")).contains(told), report.toString());
        assertTrue(r.log.stream().anyMatch(l -> l.startsWith("  cause: ") && l.contains(told)), r.text());
        untouched();
    }

    @Test
    void aCreateThatAwsRejectsIsRolledBackSinceNobodyKnows() {
        w.account.fault(Map.of("operation", "CreateTaskSet", "kind", "access-denied", "times", 50));
        Run r = w.deploy();
        World.ended(r, "FAILURE", "rolledBack", "prepare");
        untouched();
    }

    @Test
    void tasksThatFallIllDuringTheApprovalGetNoTraffic() {
        w.account.knobs(Map.of("replaceSeconds", 900));
        Run r = w.setting(p -> p.approver(q -> {
            w.account.tasks(String.valueOf(w.state().set(World.OURS).get("arn")), "unhealthy");
            return Approver.Answer.approve("alice");
        })).deploy();
        Map<String, Object> report = World.ended(r, "FAILURE", "rolledBack", "swap");
        assertEquals("refused", Json.at(report, "error.kind"), report.toString());
        untouched();
    }

    // ---- From the swap on: the traffic goes back first ----

    @Test
    void aSwapThatAwsRejectsLeavesLiveWhereItWas() {
        w.account.fault(Map.of("operation", "ModifyListener", "kind", "access-denied", "times", 1));
        Run r = w.deploy();
        Map<String, Object> report = World.ended(r, "FAILURE", "rolledBack", "swap");
        assertEquals("credentials", Json.at(report, "error.kind"), report.toString());
        untouched();
    }

    @Test
    void whereTheRollbackFailsTheLogEndsWithTheCommandThatFinishesIt() {
        w.account.fault(Map.of("operation", "ModifyListener", "kind", "access-denied", "nth", 3, "times", 500));
        Run r = w.run(World.OUT_OF_TIME_IN_THE_BAKE);
        Map<String, Object> report = World.ended(r, "ABORTED", "rollbackFailed", "bake");
        assertEquals(false, Json.at(report, "rollback.ok"));
        assertTrue(World.actions(r).stream().filter("rollback"::equals).count() >= 2, "another executor was tried: " + World.actions(r));
        assertTrue(r.log.stream().anyMatch(l -> l.startsWith("  the rollback: ") && l.endsWith("[access-denied]")) && r.logged("To finish the rollback by hand:"), r.text());
        w.state().wasHealthyThroughout();
        w.account.clearFaults();
        w.byHand(r, "rollback");
        w.state().isSettledOn(World.OLD, World.OLD);
    }

    @Test
    void onFailureKeepLeavesEverythingAndSaysHowToUndoIt() {
        Run r = w.outcome("v2", "crash").with("onFailure", "keep").deploy();
        World.ended(r, "FAILURE", "kept", "prepare");
        assertFalse(World.actions(r).contains("rollback"));
        assertTrue(r.logged("Everything was left as it is (onFailure: keep). To undo it:"), r.text());
        w.state().isSettledOn(World.OLD, World.OLD, World.OURS);
        w.byHand(r, "rollback");
        w.state().isSettledOn(World.OLD, World.OLD);
    }

    // ---- Cleanup: never a rollback by itself ----

    @Test
    void aCleanupThatFailsKeepsTheNewVersionLiveAndTheBuildUnstable() {
        w.account.fault(Map.of("operation", "DeleteTaskSet", "kind", "access-denied", "times", 500));
        Run r = w.deploy();
        Map<String, Object> report = World.ended(r, "UNSTABLE", "promoted", "cleanup");
        assertEquals("cleanup-failed", Json.at(((List<?>) report.get("warnings")).get(0), "code"), report.toString());
        assertEquals(false, Json.at(report, "previous.deleted"));
        assertTrue(r.log.stream().anyMatch(l -> l.contains("the cleanup ended early: ") && l.endsWith("[access-denied]")), r.text());
        assertTrue(r.logged("the previous version is still there; the next deployment removes it. By hand:"), r.text());
        w.state().isSettledOn(World.OURS, World.OURS, World.OLD);
        w.account.clearFaults();
        w.byHand(r, "delete-task-set");
        w.state().isSettledOn(World.OURS, World.OURS);
    }

    // ---- notify ----

    @ParameterizedTest
    @CsvSource({"v2, promoted, SUCCESS", "not-pushed, refused, FAILURE", "v3, rolledBack, FAILURE"})
    void notifyIsCalledAtEveryEnd(String tag, String outcome, String result) {
        Run r = w.outcome("v3", "crash").with("image", w.image(tag)).run("blueGreenDeploy(params.keys + [notify: { Map r -> echo \"NOTIFIED ${r.service} ${r.outcome}\" }])");
        assertEquals(result, r.result, r.text());
        assertEquals(1, r.log.stream().filter(("NOTIFIED web " + outcome)::equals).count(), r.text());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"error 'no mail'|no mail", "assert false|assert false", "sendMail(r)|No such DSL method 'sendMail'"})
    void aNotifyThatFailsOnlyWarns(String hook, String told) {
        Run r = w.run("blueGreenDeploy(params.keys + [notify: { Map r -> " + hook + " }])");
        assertEquals("SUCCESS", r.result, r.text());
        assertTrue(r.logged("WARNING: notify failed: " + told), r.text());
        assertNull(World.report(r).get("error"));
        w.state().isSettledOn(World.OURS, World.OURS);
    }

    private static final String IN_THE_WAY = "node { writeFile(file: 'ecs-bg', text: 'a file where a directory should be')\n blueGreenDeploy(params.keys) }";

    @Test
    void anArchiveThatCannotBeWrittenHereIsWrittenOnAnotherExecutor() {
        Run r = w.run(IN_THE_WAY);
        assertEquals("SUCCESS", r.result, r.text());
        assertEquals("promoted", World.report(r).get("outcome"));
        assertEquals(2, r.executors.size());
    }

    @Test
    void anArchiveThatCannotBeWrittenAnywhereOnlyWarns() {
        Run r = w.setting(p -> p.executorsPerAgent(1)).run(IN_THE_WAY);
        assertEquals("SUCCESS", r.result, r.text());
        assertTrue(r.logged("WARNING: the report was not archived"), r.text());
        assertTrue(r.logged("promoted"), r.text());
    }

    @Test
    void theStatusOfTheBuildsBeforeIsLeftAlone() {
        Run r = w.with("cleanup", new LinkedHashMap<>(Map.of("approve", false, "bake", 0))).run("unstable 'before'\n" + World.DEPLOY);
        assertEquals("UNSTABLE", r.result);
        assertEquals("promoted", World.report(r).get("outcome"));
    }
}
