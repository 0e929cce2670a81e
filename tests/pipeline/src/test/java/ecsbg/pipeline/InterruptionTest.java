package ecsbg.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ecsbg.pipeline.Interruption.Form;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Aborts, timeouts and lost agents, each at a chosen step. */
class InterruptionTest {
    @TempDir Path tmp;

    private static final String WORK = "node {\n try { sh 'touch began; sleep 9; touch ended' }\n"
        + " catch (Throwable t) { echo \"caught ${t.class.simpleName}\"; sh 'ls; echo rolled back'; throw t }\n}";

    /** At the first `sh` of WORK, once it has begun. */
    private Interruption midway() {
        return Interruption.abort(2, Form.DURING).when(tmp.resolve("home/agents/agent/workspace/web/began"));
    }

    private Pipeline pipeline(String script) {
        return Pipeline.of(script).home(tmp.resolve("home")).stepLines(false);
    }

    @Test
    void anAbortBeforeAShKeepsItFromStarting() {
        Run r = pipeline(WORK).abortAt(2, Form.BEFORE).run();
        assertEquals("ABORTED", r.result, r.text());
        assertTrue(r.logged("Aborted by admin") && r.logged("caught FlowInterruptedException") && r.logged("rolled back"), r.text());
        assertFalse(r.log.contains("began"));
    }

    @Test
    void anAbortDuringAShSendsSigtermToItsGroup() {
        Run r = pipeline(WORK).interrupt(midway()).run();
        assertEquals("ABORTED", r.result, r.text());
        assertTrue(r.log.contains("Sending interrupt signal to process") && r.log.contains("script returned exit code 143"), r.text());
        assertTrue(r.log.contains("began") && !r.log.contains("ended") && r.logged("rolled back"), r.text());
        assertTrue(r.realMillis < 8000);
    }

    @Test
    void anAbortAfterAShLosesItsResult() {
        Run r = pipeline("node { try { echo sh(script: 'echo done', returnStdout: true) } catch (Throwable t) { echo 'lost'; throw t } }")
            .abortAt(2, Form.AFTER).run();
        assertEquals("ABORTED", r.result);
        assertTrue(r.log.contains("lost") && !r.log.contains("done"), r.text());
    }

    @Test
    void aMarkerSaysWhenTheSignalGoesOut() {
        Path marker = tmp.resolve("marker");
        Run r = pipeline("node { sh '''touch " + marker + "; while [ ! -e " + marker + ".go ]; do sleep 0.01; done; sleep 5''' }")
            .interrupt(Interruption.abort(2, Form.DURING).when(marker)).run();
        assertEquals("ABORTED", r.result, r.text());
        assertTrue(Files.exists(Path.of(marker + ".go")));
    }

    @Test
    void aProcessThatEndsWellAfterTheSignalHasTheAbortForgotten() {
        Run r = pipeline("node { def o = sh(returnStdout: true, script: '''#!/bin/sh\ntrap 'echo stopped; exit 0' TERM\ntouch began; sleep 5 & wait''')\n echo \"got $o\" }\necho 'goes on'")
            .interrupt(midway()).run();
        assertTrue(r.logged("got stopped") && r.logged("goes on"), r.text());
        assertEquals("ABORTED", r.result, "the result was set when the button was pressed");
    }

    @Test
    void aProcessThatDoesNotStopIsLeftAfterTheWait() {
        Run r = pipeline("node { try { sh '''#!/bin/sh\ntrap \"\" TERM\ntouch began; sleep 30 & wait; wait''' } finally { echo 'went on' } }")
            .stopWait(300).interrupt(midway()).run();
        assertEquals("ABORTED", r.result, r.text());
        assertTrue(r.logged("process did not stop") && r.logged("went on"), r.text());
        assertTrue(r.realMillis < 8000);
    }

    @Test
    void aSecondAbortHitsTheRollback() {
        Run r = pipeline(WORK).interrupt(midway()).abortAt(4, Form.DURING).run();
        assertEquals("ABORTED", r.result);
        assertEquals(2, r.log.stream().filter("Aborted by admin"::equals).count(), r.text());
    }

    @Test
    void anAbortReachesEveryBranch() {
        Run r = pipeline("parallel(a: { node { sh 'sleep 9' } }, b: { try { input 'ok?' } finally { echo 'b ends' } }, c: { sleep 900 })").abortAt(5, Form.DURING).run();
        assertEquals("ABORTED", r.result, r.text());
        assertTrue(r.realMillis < 8000);
    }

    @Test
    void everyStepCanBeMetInEveryForm() {
        String script = "stage('s') { node { echo 'a'; withEnv(['A=b']) { sh 'true' }\n writeFile(file: 'f', text: 't') } }\ntimeout(5) { input 'ok?' }\nsleep 5";
        int steps = pipeline(script).approver(Approver.by("a")).run().steps.size();
        assertEquals(9, steps);
        for (int n = 1; n <= steps; n++) {
            for (Form form : Form.values()) {
                Interruption i = Interruption.abort(n, form).after(0);
                Run r = pipeline(script).approver(Approver.by("a")).interrupt(i).run();
                assertEquals("ABORTED", r.result, i + "\n" + r.text());
                assertTrue(i.happened(), i.toString());
            }
        }
    }

    @Test
    void aTimeoutInterruptsAndAfterItsGraceFailsHard() {
        String script = "timeout(time: 10, unit: 'SECONDS') {\n try { sleep 100 } catch (Throwable t) { echo 'caught'; try { sleep 3600 } catch (Throwable u) { echo 'killed' } }\n}\necho 'after'";
        Run r = pipeline(script).run();
        assertTrue(r.logged("Cancelling nested steps due to timeout") && r.logged("caught"), r.text());
        assertTrue(r.logged("Body did not finish within grace period; terminating with extreme prejudice") && r.logged("killed") && r.logged("after"), r.text());
        assertTrue(r.woundMillis >= 69_000 && r.woundMillis < 71_000, "wound " + r.woundMillis);
        assertEquals("SUCCESS", r.result, "a body that swallows the interruption ends well, as in Jenkins");
    }

    @Test
    void aTimeoutAroundAProcessPassesInRealTime() {
        Run r = pipeline("node { try { timeout(time: 1, unit: 'SECONDS') { sh 'sleep 9' } } catch (Throwable t) { echo \"caught ${t.class.simpleName}\" } }").run();
        assertEquals("SUCCESS", r.result, r.text());
        assertTrue(r.logged("Cancelling nested steps due to timeout") && r.logged("caught FlowInterruptedException"), r.text());
        assertTrue(r.realMillis >= 1000 && r.realMillis < 8000 && r.woundMillis == 0);
    }

    @Test
    void anExpiredTimeoutAbortsTheBuildWhereNobodyCatchesIt() {
        Run r = pipeline("timeout(1) { input 'ok?' }").run();
        assertEquals("ABORTED", r.result);
        assertTrue(r.logged("Timeout has been exceeded"), r.text());
    }

    @Test
    void aDeadlineCanBeMadeToExpireAtAStepAndItsGraceAtAnother() {
        Run r = pipeline("timeout(60) { node {\n try { sh 'sleep 9' } catch (Throwable t) { try { sh 'sleep 9' } catch (Throwable u) { echo 'hard'; throw u } }\n} }")
            .interrupt(Interruption.deadline(3, Form.DURING)).interrupt(Interruption.deadline(4, Form.DURING)).run();
        assertEquals("ABORTED", r.result, r.text());
        assertTrue(r.logged("wound on 59 min") && r.logged("extreme prejudice") && r.logged("hard"), r.text());
        assertFalse(r.log.indexOf("hard") < r.log.indexOf("Body did not finish within grace period; terminating with extreme prejudice"));
        assertTrue(r.realMillis < 8000);
    }

    @Test
    void aLostAgentTakesItsProcessesAndItsWorkspace() {
        Run r = pipeline("try { node('x') { sh 'touch here; sleep 9' } } catch (Throwable t) { echo \"lost ${t.class.simpleName}\"; node('x') { sh 'ls -a; echo NODE $NODE_NAME' } }")
            .interrupt(Interruption.agentLost(2, Form.DURING)).run();
        assertEquals("SUCCESS", r.result, r.text());
        assertTrue(r.logged("lost FlowInterruptedException") && r.log.contains("NODE agent-x-2"), r.text());
        assertFalse(r.log.contains("here"));
        assertTrue(r.executors.get(0).lost);
    }

    @Test
    void stepsOnALostAgentFail() {
        Run r = pipeline("node('x') { try { sh 'sleep 9' } catch (Throwable t) { }\n sh 'true' }").interrupt(Interruption.agentLost(2, Form.DURING)).run();
        assertEquals("FAILURE", r.result);
        assertTrue(r.logged("Unable to create live FilePath for agent-x"), r.text());
    }
}
