package ecsbg.library;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ecsbg.pipeline.Interruption;
import ecsbg.pipeline.Run;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Two services deployed by one build at once. */
@Execution(ExecutionMode.CONCURRENT)
class ParallelTest {
    private static final String BOTH = "parallel(web: { blueGreenDeploy(params.keys) }, api: { blueGreenDeploy(params.api) })";
    @TempDir Path tmp;
    private World web;
    private World api;

    @BeforeEach
    void world() {
        web = new World(tmp);
        api = web.beside("api");
        web.setting(p -> p.param("api", new LinkedHashMap<>(api.keys)));
    }

    @Test
    void stagesQuestionsAndArchivesCarryTheService() {
        Run r = web.run(BOTH);
        assertEquals("SUCCESS", r.result, r.text());
        for (String s : List.of("web", "api")) {
            assertTrue(r.stageNames().containsAll(List.of(s + ": preflight", s + ": create", s + ": swap", s + ": cleanup")), r.stageNames().toString());
        }
        assertEquals(new TreeSet<>(List.of("Swap-web", "Swap-api", "Cleanup-web", "Cleanup-api")), new TreeSet<>(r.inputs.stream().map(q -> q.id).toList()));
        assertEquals(new TreeSet<>(List.of("ecs-bg/web-" + World.OURS + ".json", "ecs-bg/api-" + World.OURS + ".json")), new TreeSet<>(r.archived.stream().filter(f -> f.endsWith(".json")).toList()));
        assertTrue(r.description.contains("web: promoted") && r.description.contains("\n") && r.description.contains("api: promoted"), r.description);
        assertEquals(18, r.steps("sh").size());
        web.state().isSettledOn(World.OURS, World.OURS);
        api.state().isSettledOn(World.OURS, World.OURS);
    }

    @Test
    void oneThatFailsLeavesTheOtherAlone() {
        web.account.knobs(Map.of("outcome", Map.of("api:v2", "crash")));
        Run r = web.run(BOTH);
        assertEquals("FAILURE", r.result, r.text());
        assertTrue(r.description.contains("web: promoted") && r.description.contains("api: rolledBack"), r.description);
        web.state().isSettledOn(World.OURS, World.OURS);
        api.state().isSettledOn(World.OLD, World.OLD);
    }

    @Test
    void anAbortUndoesBoth() {
        Run undisturbed = web.pipeline("parallel(web: { blueGreenDeploy(params.keys + [deploymentId: 'first-1']) }, api: { blueGreenDeploy(params.api + [deploymentId: 'first-1']) })").run();
        int swap = undisturbed.steps("sleep").get(1).number;   // both have swapped
        web.with("image", web.image("v3"));
        api.with("image", api.image("v3"));
        Run r = World.checked(web.pipeline(BOTH).interrupt(Interruption.abort(swap, Interruption.Form.DURING)).run());
        assertEquals("ABORTED", r.result, r.text());
        web.state().isSettledOn("first-1", "first-1");
        api.state().isSettledOn("first-1", "first-1");
    }

    @Test
    void insideOneNodeBothShareItsExecutor() {
        Run r = web.run("node('linux') { " + BOTH + " }");
        assertEquals("SUCCESS", r.result, r.text());
        assertEquals(1, r.executors.size());
        assertEquals(2, r.archived.stream().filter(f -> f.endsWith(".json")).count());
    }
}
