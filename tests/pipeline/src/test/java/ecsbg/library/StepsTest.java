package ecsbg.library;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ecsbg.pipeline.Run;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each single step: its result, and its failure. */
class StepsTest {
    @TempDir Path tmp;

    @Test
    void ecsStatusTellsStateColoursAndSetsFromThreeKeys() {
        World w = new World(tmp);
        Run r = w.run("Map s = ecsStatus(cluster: 'prod', service: 'web', region: 'eu-west-1')\n"
            + "echo \"state ${s.state}, live ${s.live.colour}, ${s.taskSets.size()} set, changed ${s.changed}, warnings ${s.warnings}\"");
        assertEquals("SUCCESS", r.result, r.text());
        assertTrue(r.log.contains("state settled, live blue, 1 set, changed false, warnings []"), r.text());
        assertEquals(List.of("status"), World.actions(r));
    }
}
