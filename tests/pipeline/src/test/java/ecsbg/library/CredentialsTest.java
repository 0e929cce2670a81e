package ecsbg.library;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ecsbg.aws.Json;
import ecsbg.pipeline.Approver.Answer;
import ecsbg.pipeline.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** examples/Jenkinsfile.credentials, with keys that end while somebody is asked. */
@Execution(ExecutionMode.CONCURRENT)
class CredentialsTest {
    @TempDir Path tmp;
    private World w;
    private String script;

    @BeforeEach
    void agentsWithoutAnIdentity() throws IOException {
        w = new Example(tmp).w.withAws();
        script = Files.readString(World.ROOT.resolve("examples/Jenkinsfile.credentials"));
    }

    /** Hours pass until the answer: no key that was made so far is good any more. */
    private Run late(String script, Answer answer) {
        return w.setting(p -> p.approver(q -> {
            w.account.endKeys();
            return answer;
        })).run(script);
    }

    /** The fault that the example warns of: the step around the deployment, and an agent without it. */
    private String around() {
        int deploy = script.indexOf("\nblueGreenDeploy(");
        assertTrue(deploy > 0 && script.contains("    agent: deployer,\n"), script);
        return script.substring(0, deploy) + "\nwithAWS(role: 'web-deploy') {" + script.substring(deploy).replace("agent: deployer", "agent: 'linux'") + "}\n";
    }

    @Test
    void insideOfAgentEachStretchOfWorkHasFreshKeys() {
        Run r = late(script, Answer.approve("alice"));
        assertEquals("SUCCESS", r.result, r.text());
        assertEquals(1 + 3, r.steps("withAWS").size(), "the image, and what is before the approval, after it, and after the second question");
        assertEquals("promoted", World.report(r).get("outcome"));
        w.state().isSettledOn(World.OURS, World.OURS);
    }

    @Test
    void insideOfAgentTheRollbackAfterARejectionHasFreshKeysToo() {
        Run r = late(script, Answer.reject("alice"));
        assertEquals("ABORTED", r.result, r.text());
        assertEquals("rolledBack", World.report(r).get("outcome"));
        w.state().isSettledOn(World.OLD, World.OLD);
    }

    @Test
    void aroundTheDeploymentTheKeysAreAtTheirEndAfterTheApproval() {
        Run r = late(around(), Answer.approve("alice"));
        assertEquals("FAILURE", r.result, r.text());
        assertEquals("swap", World.report(r).get("phase"));
        assertEquals("credentials-expired", Json.at(World.report(r), "error.code"));
        assertEquals("rollbackFailed", World.report(r).get("outcome"), "nor is there a key to undo it with");
        w.state().liveNeverMoved();
    }

    @Test
    void aroundTheDeploymentAllIsWellAsLongAsTheKeysAre() {
        Run r = w.run(around());
        assertEquals("SUCCESS", r.result, r.text());
        w.state().isSettledOn(World.OURS, World.OURS);
    }
}
