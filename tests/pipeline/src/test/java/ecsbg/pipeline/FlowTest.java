package ecsbg.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Steps that direct the flow, and `input`. */
class FlowTest {
    @TempDir Path tmp;

    private Pipeline pipeline(String script) {
        return Pipeline.of(script).home(tmp.resolve("home")).stepLines(false);
    }

    @Test
    void inRealTimeASleepIsWaitedForAndATimeoutEndsIt() {
        Run slept = pipeline("sleep 1").realTime().run();
        assertTrue(slept.realMillis >= 1000 && slept.woundMillis == 0, slept.realMillis + ", wound " + slept.woundMillis);
        Run ended = pipeline("timeout(time: 1, unit: 'SECONDS') { sleep 3600 }").realTime().run();
        assertEquals("ABORTED", ended.result);
        assertEquals(0, ended.woundMillis);
        assertTrue(pipeline("input 'ok?'").realTime().run().logged("the pipeline waits for ever"));
    }

    @Test
    void branchesRunSideBySide() {
        Run r = pipeline("def r = parallel(a: { node { sh 'sleep 0.5' }\n 1 }, b: { node { sh 'sleep 0.5' }\n 2 }, c: { echo 'c' })\necho r.toString()").run();
        assertEquals("SUCCESS", r.result, r.text());
        assertTrue(r.logged("[c] c") && r.logged("[a:1, b:2, c:null]"), r.text());
        List<Run.Step> sh = r.steps("sh");
        assertTrue(sh.get(1).started < sh.get(0).ended, "the second began before the first had ended");
    }

    @Test
    void aFailedBranchFailsTheStepAndMayStopTheOthers() {
        Run slow = pipeline("parallel(a: { error 'no' }, b: { sleep 60; echo 'b was let finish' })").run();
        assertTrue(slow.logged("b was let finish") && slow.logged("ERROR: no"), slow.text());
        Run fast = pipeline("parallel(a: { error 'no' }, b: { sleep 60; echo 'b was let finish' }, failFast: true)").run();
        assertFalse(fast.logged("b was let finish"), fast.text());
        assertEquals("FAILURE", fast.result);
    }

    @Test
    void retryCatchErrorWarnErrorUnstable() {
        Run r = pipeline("int n = 0\nretry(3) { n++; if (n < 3) { error \"try $n\" } }\necho \"n $n\"\n"
            + "catchError(buildResult: 'SUCCESS') { error 'caught' }\necho currentBuild.currentResult\n"
            + "warnError('careful') { error 'warned' }\necho currentBuild.currentResult\nunstable 'so so'").run();
        assertTrue(r.logged("n 3") && r.logged("ERROR: caught") && r.log.contains("SUCCESS") && r.logged("WARNING: careful") && r.logged("WARNING: so so"), r.text());
        assertEquals("UNSTABLE", r.result);
    }

    @Test
    void catchErrorLetsInterruptionsThroughWhereAsked() {
        Run kept = pipeline("timeout(1) { catchError(catchInterruptions: false) { sleep 3600 } }\necho 'after'").run();
        assertFalse(kept.logged("after"));
        Run caught = pipeline("timeout(1) { catchError { sleep 3600 } }\necho 'after'").run();
        assertTrue(caught.logged("after"));
        assertEquals("ABORTED", caught.result);
    }

    @Test
    void inputReturnsWhatJenkinsReturns() {
        Approver alice = q -> q.parameters.isEmpty() ? Approver.Answer.approve("alice") : Approver.Answer.approve("alice", Map.of("ACTION", "Keep"));
        Run r = pipeline("echo \"none ${input('plain?')}\"\necho \"one ${input(message: 'who?', submitterParameter: 'by')}\"\n"
            + "echo \"choice ${input(message: 'what?', parameters: [choice(name: 'ACTION', choices: ['Delete', 'Keep'])])}\"\n"
            + "def m = input(message: 'all?', submitterParameter: 'by', parameters: [choice(name: 'ACTION', choices: 'Delete\\nKeep')])\necho \"map ${m.by} ${m.ACTION}\"")
            .approver(alice).run();
        assertEquals("SUCCESS", r.result, r.text());
        assertTrue(r.logged("none null") && r.logged("one alice") && r.logged("choice Keep") && r.logged("map alice Keep"), r.text());
        assertEquals("approved by alice", r.inputs.get(0).answer);
    }

    @Test
    void anInputWithAFormShowsItsMessageThereAndMayBeProceededWithoutIt() {
        String script = "currentBuild.description = 'first'\necho \"got ${input(message: 'what?', submitterParameter: 'by', parameters: [text(name: 'NOTE', description: 'one\\ntwo')])}\"";
        Run form = pipeline(script).approver(Approver.by("alice")).run();
        assertFalse(form.logged("what?"), form.text());
        assertTrue(form.logged("Input requested") && form.log.stream().anyMatch(l -> l.startsWith("got [") && l.contains("by:alice") && l.contains("NOTE:")), form.text());
        assertEquals("one\ntwo", form.inputs.get(0).description("NOTE"));
        assertEquals("first", form.inputs.get(0).buildDescription);
        assertTrue(pipeline(script).approver(q -> Approver.Answer.byApi("alice", Map.of("NOTE", "x"))).run().logged("NOTE:x"));
        assertTrue(pipeline(script).approver(q -> Approver.Answer.proceedEmpty("alice")).run().log.contains("got alice"));
        assertTrue(pipeline(script).approver(q -> Approver.Answer.oldProceedEmpty("alice")).run().log.contains("got null"));
    }

    @Test
    void onlySubmittersMayAnswer() {
        Run r = pipeline("timeout(5) { input(message: 'ok?', submitter: 'ops,bob') }").approver(Approver.by("eve")).run();
        assertEquals("ABORTED", r.result);
        assertEquals(List.of("eve"), r.inputs.get(0).turnedAway);
        assertEquals("interrupted", r.inputs.get(0).answer);
        assertEquals("SUCCESS", pipeline("input(message: 'ok?', submitter: 'ops,bob')").approver(Approver.by("bob")).run().result);
    }

    @Test
    void aRejectedInputAborts() {
        Run r = pipeline("try { input 'ok?' } catch (org.jenkinsci.plugins.workflow.steps.FlowInterruptedException e) { echo 'caught'; throw e }").approver(q -> Approver.Answer.reject("carol")).run();
        assertEquals("ABORTED", r.result);
        assertTrue(r.logged("caught") && r.logged("Rejected by carol"), r.text());
    }

    @Test
    void anInputInsideOfNodeHoldsItsExecutorAndOneOutsideDoesNot() {
        Run held = pipeline("node('x') { input 'ok?' }").approver(Approver.by("a")).run();
        assertEquals("agent-x", held.inputs.get(0).held);
        assertTrue(held.executors.get(0).heldByInput);
        Run free = pipeline("node('x') { echo 'work' }\ninput 'ok?'").approver(q -> Approver.Answer.approve("a").after(3_600_000)).run();
        assertNull(free.inputs.get(0).held);
        assertTrue(free.woundMillis > 3_590_000);
    }

    @Test
    void anInputThatNobodyAnswersIsNoticed() {
        assertTrue(pipeline("input 'ok?'").run().logged("the pipeline waits for ever"));
        assertTrue(pipeline("parallel(a: { input 'ok?' }, b: { input 'ok?' })").approver(q -> Approver.Answer.approve("a").after(5)).run().logged("two inputs wait under the id"));
    }

    @Test
    void stagesAndTheirTimesAreRecorded() {
        Run r = pipeline("stage('a') { sleep 60 }\nstage('b') { error 'x' }").run();
        assertEquals(List.of("a", "b"), r.stageNames());
        assertTrue(r.stages.get(0).ended - r.stages.get(0).started >= 60_000);
        assertEquals("ERROR: x", r.stages.get(1).outcome);
    }

    @Test
    void stepsOfOtherPluginsCanBeAdded() {
        Run r = pipeline("container('aws') { echo env.IN }").step("container", e -> e.machine.startBody(e, e.body(), e.frame.withEnv(Map.of("IN", e.mainText("name")), Map.of()), e::finish)).run();
        assertTrue(r.log.contains("aws"), r.text());
    }
}
