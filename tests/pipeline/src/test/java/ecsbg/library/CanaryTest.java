package ecsbg.library;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ecsbg.pipeline.Run;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** A canary: the steps, what each of them is in the report, and where a build goes on that was interrupted. */
@Execution(ExecutionMode.CONCURRENT)
class CanaryTest {
    @TempDir Path tmp;
    private World w;

    @BeforeEach
    void world() {
        w = new World(tmp).with("approve", false).with("cleanup", map("bake", 0, "approve", false));
    }

    static Map<String, Object> map(Object... pairs) {
        Map<String, Object> m = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) m.put((String) pairs[i], pairs[i + 1]);
        return m;
    }

    /** Steps of these weights, with a bake that the clock is wound on for. */
    static List<Map<String, Object>> steps(Object... weights) {
        List<Map<String, Object>> steps = new ArrayList<>();
        for (Object weight : weights) steps.add(map("weight", weight, "bake", "10m"));
        return steps;
    }

    private static void succeeded(Run r) {
        assertEquals("SUCCESS", r.result, r.text());
    }

    @Test
    void trafficGoesUpStepByStep() {
        Run r = w.with("canary", steps(5, 25.5, 50)).deploy();
        succeeded(r);
        System.out.println(r.permitted.stream().filter(s -> s.startsWith("+")).toList());
        w.state().isSettledOn(World.OURS, World.OURS);
    }
}
