package ecsbg.library;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ecsbg.pipeline.Run;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Where the work is done, and what it needs there. */
@Execution(ExecutionMode.CONCURRENT)
class AgentTest {
    @TempDir Path tmp;
    private World w;

    @BeforeEach
    void world() {
        w = new World(tmp);
    }

    private static void succeeded(Run r) {
        assertEquals("SUCCESS", r.result, r.text());
    }

    private static List<String> agents(Run r) {
        return r.executors.stream().map(x -> x.agent).toList();
    }

    @Test
    void aLabelIsWhereEachStretchOfWorkIsDone() {
        Run r = w.with("agent", "linux").deploy();
        succeeded(r);
        assertEquals(List.of("agent-linux", "agent-linux", "agent-linux"), agents(r));
    }

    @Test
    void anAgentClosureIsEnteredAfreshForEachStretch() {
        Run r = w.run("int n = 0\nblueGreenDeploy(params.keys + [agent: { work -> n++\n node('pod-' + n) { withEnv(['CREDENTIALS=' + n]) { work() } } },\n"
            + "  validate: { Map d -> sh 'echo \"with $CREDENTIALS\"' }])");
        succeeded(r);
        assertEquals(List.of("agent-pod-1", "agent-pod-2", "agent-pod-3"), agents(r));
        assertTrue(r.log.contains("with 1"), r.text());
    }

    @Test
    void anAgentClosureIsEnteredForTheRollbackToo() {
        w.setting(p -> p.approver(q -> ecsbg.pipeline.Approver.Answer.reject("bob")));
        Run r = w.run("int n = 0\nblueGreenDeploy(params.keys + [agent: { work -> n++\n node('pod-' + n) { work() } }])");
        assertEquals("ABORTED", r.result);
        assertEquals(List.of("agent-pod-1", "agent-pod-2"), agents(r));
        w.state().isSettledOn(World.OLD, World.OLD);
    }

    @Test
    void whatFailsIsUndoneOnTheExecutorThatIsHeld() {
        Run r = w.outcome("v2", "crash").with("agent", "linux").deploy();
        assertEquals("FAILURE", r.result);
        assertEquals(1, r.executors.size(), r.text());
        w.state().isSettledOn(World.OLD, World.OLD);
    }

    @Test
    void workAfterTheApprovalNeedsNothingButTheProgram() throws Exception {
        Path source = Files.createDirectories(tmp.resolve("repository"));
        Files.writeString(source.resolve("ecs.yml"), "cluster: prod\nservice: web\npollInterval: 100ms\nconfirmations: 1\ndrain: 0\nregion: eu-west-1\ntargetGroups:\n  blue: " + w.group("blue")
            + "\n  green: " + w.group("green") + "\nlisteners:\n  live: " + w.text("listeners.live") + "\n  test: " + w.text("listeners.test") + "\n");
        String image = w.image("v2");
        w.keys.clear();
        Run r = w.with("config", "ecs.yml").with("image", image).setting(p -> p.source(source))
            .run("int n = 0\nblueGreenDeploy(params.keys + [agent: { work -> n++\n node('pod-' + n) { work() } }])");
        succeeded(r);
        assertEquals(1, r.steps("checkout").size(), "one checkout, for preflight");
        assertFalse(Files.exists(Path.of(r.executors.get(1).workspace).resolve("ecs.yml")));
        w.state().isSettledOn(World.OURS, World.OURS);
    }

    @Test
    void checkoutIsScmOutsideOfNodeUnlessToldOtherwise() {
        assertEquals(1, w.with("dryRun", true).deploy().steps("checkout").size());
        assertEquals(0, w.with("checkout", false).deploy().steps("checkout").size());
        assertEquals(1, w.with("checkout", true).run("node { blueGreenDeploy(params.keys) }").steps("checkout").size());
    }

    @Test
    void checkoutMayBeAClosure() {
        Run r = w.with("dryRun", true).run("node { writeFile(file: 'ecs.yml', text: 'family: web')\n stash 'deploy' }\n"
            + "blueGreenDeploy(params.keys + [config: 'ecs.yml', agent: 'other', checkout: { unstash 'deploy' }])");
        succeeded(r);
        assertEquals(0, r.steps("checkout").size());
        assertEquals(1, r.steps("unstash").size());
    }

    @Test
    void aCheckoutThatFailsEndsTheBuildWithNothingToUndo() {
        Run r = w.run("blueGreenDeploy(params.keys + [checkout: { error 'no such branch' }])");
        assertEquals("FAILURE", r.result);
        assertEquals("refused", World.report(r).get("outcome"));
        assertTrue(r.logged("cause: no such branch"), r.text());
        assertEquals(0, w.account.calls().size());
    }

    @Test
    void everyCallIsOneOfThePermittedAndEveryStepWasSavedAndReadBack() {
        Run r = w.deploy();
        assertEquals(r.steps.size(), r.saves);
        assertTrue(r.largestSave < 200_000, r.largestSave + " bytes");
        assertEquals(List.of(), r.refusals);
        assertTrue(r.permitted.stream().noneMatch(s -> s.startsWith("+ ")), r.permitted.toString());
    }
}
