package ecsbg.demo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ecsbg.aws.Json;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the demo makes of the load generator's file and of the stand-in's history. */
class RequestsTest {
    private static final double BEGAN = 1000.25;
    private static final Version OLD = new Version("v1", "blue", "group/blue");
    private static final Version NEW = new Version("0123456789abcdef", "green", "group/green");

    /** A second for each pair: so many answers of the old version, of the new one, and how many of those failed. */
    private static Requests requests(int[]... seconds) {
        List<String> by = new ArrayList<>();
        int old = 0, fresh = 0, failed = 0;
        for (int n = 0; n < seconds.length; n++) {
            int[] s = seconds[n];
            by.add("{\"second\": %d, %s}".formatted(n, counts(s[0], s[1], s[2])));
            old += s[0];
            fresh += s[1];
            failed += s[2];
        }
        return new Requests(Json.read("""
            {"began": %s, %s, "milliseconds": {"p50": 1.5, "p99": 9.1}, "bySecond": [%s]}""".formatted(BEGAN, counts(old, fresh, failed), String.join(",", by))));
    }

    private static String counts(int old, int fresh, int failed) {
        return """
            "requests": %1$d, "failed": %2$d, "versions": {"v1": %3$d, "%5$s": %4$d}, "failedVersions": {"%5$s": %2$d}"""
            .formatted(old + fresh, failed, old, fresh, NEW.name());
    }

    /** Changes, as seconds since the load began and the new group's weight of 100. */
    private static Weights weights(double... changes) {
        List<Map<String, Object>> history = new ArrayList<>(List.of(entry(-100, 0)));
        for (int i = 0; i < changes.length; i += 2) history.add(entry(changes[i], changes[i + 1]));
        return new Weights(history, "live", "green");
    }

    private static Map<String, Object> entry(double second, double weight) {
        return Map.of("at", BEGAN + second, "weights", Map.of("live", Map.of("blue", 100 - weight, "green", weight), "test", Map.of("green", 100)));
    }

    private static List<String> table(Requests requests, Weights weights) {
        ByteArrayOutputStream told = new ByteArrayOutputStream();
        new RequestTable(requests, weights, OLD, NEW).print(new PrintStream(told, true, StandardCharsets.UTF_8));
        return told.toString(StandardCharsets.UTF_8).lines().skip(3).toList();
    }

    @Test
    void eachSecondNearAChangeIsALineAndThoseThatAreAlikeAreOne() {
        assertEquals(List.of(
            "      0–1        0      0 %  ░ 8 requests",
            "        2  0 → 100     50 %  ░░██",
            "        3      100    100 %  ████",
            "      4–5      100    100 %  █ 7 requests",
            "  23 requests: 10 by v1, 13 by 01234567; none failed; p50 1.5 ms, p99 9.1 ms"),
            table(requests(new int[] {4, 0, 0}, new int[] {4, 0, 0}, new int[] {2, 2, 0}, new int[] {0, 4, 0}, new int[] {0, 4, 0}, new int[] {0, 3, 0}), weights(2.5, 100)));
    }

    @Test
    void failedRequestsAreMarkedAndNeverFoldedAway() {
        assertEquals(List.of(
            "        0        0      0 %  ░░░",
            "        1        5     25 %  ░░░✕",
            "        2        5     50 %  ░░█✕",
            "  11 requests: 8 by v1, 3 by 01234567; 2 failed; p50 1.5 ms, p99 9.1 ms"),
            table(requests(new int[] {3, 0, 0}, new int[] {3, 1, 1}, new int[] {2, 2, 1}), weights(1, 5)).stream().map(l -> l.replace("0 → 5", "    0")).toList());
    }

    @Test
    void whatFailedIsCountedByTheVersionThatAnswered() {
        Requests r = requests(new int[] {50, 0, 0}, new int[] {45, 5, 2}, new int[] {47, 3, 1});
        assertEquals(150, r.sent());
        assertEquals(3, r.failed());
        assertEquals(8, r.of(NEW));
        assertEquals(3, r.failedOf(NEW));
        assertEquals(0, r.failedOf(OLD));
        assertEquals(45, r.seconds().get(1).well(OLD));
        assertEquals(3, r.seconds().get(1).well(NEW));
        assertEquals(100, r.between(BEGAN + 1.5, BEGAN + 2.1), "the seconds that this time touches");
    }

    @Test
    void requestsThatAVersionWithoutWeightAnsweredAreAstray() {
        int[] old = {50, 0, 0}, fresh = {0, 50, 0};
        assertEquals(0, requests(old, old, old, old).astray(weights(), NEW));
        assertEquals(1, requests(old, old, new int[] {49, 1, 0}, old).astray(weights(), NEW), "it never had any");
        assertEquals(0, requests(old, new int[] {20, 30, 0}, fresh, fresh, fresh).astray(weights(1.4, 100), NEW));
        assertEquals(2, requests(old, fresh, fresh, fresh, new int[] {2, 48, 0}).astray(weights(1.4, 100), NEW), "long after the change");
        assertEquals(0, requests(old, fresh, new int[] {2, 48, 0}, fresh).astray(weights(1.4, 100), NEW), "a change takes a moment");
    }

    @Test
    void aShareIsMeasuredOnlyWhereItsWeightHadSettled() {
        int[] mixed = {45, 5, 0};
        Requests r = requests(mixed, mixed, mixed, mixed, mixed, mixed);
        assertArrayEquals(new int[] {10, 100}, r.split(weights(0.5, 5, 5.5, 0), NEW));
        assertArrayEquals(new int[] {0, 0}, r.split(weights(), NEW));
    }

    @Test
    void aShiftAndWhenItWasTakenBackAreReadFromTheWeights() {
        Weights w = weights(3, 5, 9, 25, 20.5, 0, 30, 5);
        assertEquals(BEGAN + 3, w.firstShift().getAsDouble());
        assertEquals(BEGAN + 20.5, w.takenBack().getAsDouble());
        assertEquals(25, w.most());
        assertEquals(5, w.at(BEGAN + 3));
        assertEquals(0, w.at(BEGAN - 500), "before all that is known");
        assertTrue(w.isConstant(BEGAN - 500, BEGAN + 2));
        assertFalse(w.isConstant(BEGAN + 2, BEGAN + 3));
        assertTrue(weights().firstShift().isEmpty() && weights(3, 5).takenBack().isEmpty());
    }

    @ParameterizedTest
    @CsvSource({"50, 1000, 0.05, true", "20, 1000, 0.05, true", "85, 1000, 0.05, true", "10, 1000, 0.05, false", "100, 1000, 0.05, false",
        "0, 20, 0.05, true", "0, 500, 0.05, false", "20, 20, 0.05, false", "1500, 3000, 0.5, true", "1700, 3000, 0.5, false"})
    void chanceExplainsSomeSharesAndNotOthers(int hits, int tries, double probability, boolean explained) {
        assertEquals(explained, Chance.explains(hits, tries, probability));
    }
}
