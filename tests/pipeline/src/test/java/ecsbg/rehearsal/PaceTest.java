package ecsbg.rehearsal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** How much of the team's waiting is waited for. */
class PaceTest {
    private static final Map<String, Object> SETTINGS = Map.of(
        "cleanup", Map.of("bake", 600, "approve", Map.of("timeout", 86400)),
        "canary", List.of(Map.of("weight", 5, "bake", 900, "approve", Map.of("submitter", List.of("ops"))), Map.of("weight", 50, "bake", 30)),
        "gates", Map.of("every", 60, "errors", Map.of("times", 2, "minRequests", 100), "latency", Map.of("times", 1.5)));

    @Test
    void aMinuteIsASecond() {
        Map<String, Object> shorter = new Pace(1).shortened(SETTINGS);
        assertEquals(Map.of("bake", 10.0), shorter.get("cleanup"));
        assertEquals(List.of(Map.of("weight", 5, "bake", 15.0, "approve", Map.of("submitter", List.of("ops"))), Map.of("weight", 50, "bake", 1.0)), shorter.get("canary"));
        assertEquals(Map.of("every", 1, "period", 1, "errors", Map.of("minRequests", 10), "latency", Map.of("dryRun", true)), shorter.get("gates"));
        assertEquals("a minute is 1 s (PACE): 5 % for 900 s → 15 s; 50 % for 30 s → 1 s; bake 600 s → 10 s; drain 2 s; "
            + "gates look at each second, with 10 requests or more, latency is told and not judged", new Pace(1).told(SETTINGS));
    }

    @Test
    void whatIsNotThereStaysSo() {
        Map<String, Object> plain = Map.of("cleanup", Map.of("bake", 0), "gates", Map.of("alarms", List.of("web-5xx")));
        assertEquals(Map.of("drain", 2.0, "cleanup", Map.of("bake", 0.0), "gates", Map.of("every", 1, "period", 1)), new Pace(1).shortened(plain));
        assertEquals(Map.of("drain", 2.0), new Pace(1).always(Map.of("gates", Map.of("every", 60, "errors", false, "alarms", List.of()))));
    }

    @Test
    void atSixtyNothingIsShortened() {
        assertEquals(Map.of(), new Pace(60).shortened(SETTINGS));
        assertEquals("times as they are (PACE=60)", new Pace(60).told(SETTINGS));
    }
}
