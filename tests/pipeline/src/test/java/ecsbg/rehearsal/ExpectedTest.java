package ecsbg.rehearsal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What should come of a scenario. */
class ExpectedTest {
    private static final Seen PROMOTED = new Seen("SUCCESS", "promoted", Seen.Live.NEW, "settled", 1, true, requests(0), false, false, true, false);
    private static final Seen UNDONE = new Seen("FAILURE", "rolledBack", Seen.Live.OLD, "settled", 1, false, requests(0), false, false, false, false);

    private record Row(String scenario, Seen seen, boolean rejected, boolean held) {}

    @TestFactory
    Stream<DynamicTest> eachScenarioHasItsEnds() {
        return Stream.of(
            new Row("good", PROMOTED, false, true),
            new Row("good", UNDONE, false, false),
            new Row("good", UNDONE, true, true),
            new Row("good", PROMOTED, true, false),
            new Row("good", with(PROMOTED, requests(1)), false, false),
            new Row("good", unsettled(PROMOTED), false, false),
            new Row("throttled", PROMOTED, false, true),
            new Row("throttled", UNDONE, false, false),
            new Row("unhealthy", UNDONE, false, true),
            new Row("unhealthy", moved(UNDONE), false, false),
            new Row("unhealthy", PROMOTED, false, false),
            new Row("unhealthy", with(UNDONE, requests(3)), false, false),
            // nothing of the team's can tell: that is worth knowing, and no fault of the deployment
            new Row("errors", with(PROMOTED, requests(40)), false, true),
            new Row("errors", judged(with(PROMOTED, requests(40))), false, false),
            new Row("errors", judged(moved(with(UNDONE, requests(4)))), false, true),
            new Row("errors", UNDONE, false, true),
            new Row("errors", with(PROMOTED, new Seen.Requests(100, 41, Map.of("v2", 50), 1)), false, false),
            new Row("slow", PROMOTED, false, true),
            new Row("slow", with(PROMOTED, requests(1)), false, false),
            new Row("slow", judged(PROMOTED), false, false),
            new Row("abort@swap-live", happened(moved(UNDONE)), false, true),
            new Row("abort@swap-live", UNDONE, false, false),
            new Row("abort@swap-live", happened(with(UNDONE, requests(1))), false, false),
            // once it is being promoted, nothing is undone
            new Row("abort@set-primary", happened(PROMOTED), false, true),
            new Row("agent-lost@delete-task-set", happened(PROMOTED), false, true),
            new Row("agent-lost@wait-stable", happened(UNDONE), false, true),
            new Row("agent-lost@wait-stable", happened(unsettled(UNDONE)), false, false)
        ).map(row -> DynamicTest.dynamicTest(row.toString(), () -> {
            List<Expected.Line> lines = Expected.of(Scenario.parse(row.scenario).get(0), row.seen, row.rejected);
            assertEquals(row.held, lines.stream().allMatch(line -> line.held() == null || line.held()), lines.toString());
        }));
    }

    private static Seen.Requests requests(int failed) {
        return new Seen.Requests(100, failed, Map.of("before", 50, "v2", 50), 0);
    }

    @Test
    void onlyAnswersOfTheNewVersionAreItsOwnFailures() {
        Map<String, Object> counted = Map.of("requests", 100, "failed", 9, "versions", Map.of("before", 50, "v2", 44), "failedVersions", Map.of("v2", 4, "before", 2));
        assertEquals(new Seen.Requests(100, 9, Map.of("before", 50, "v2", 44), 5), Seen.Requests.of(counted, "before"));
    }

    private static Seen with(Seen s, Seen.Requests requests) {
        return new Seen(s.build(), s.outcome(), s.live(), s.state(), s.sets(), s.moved(), requests, s.errorsJudged(), s.latencyJudged(), s.promoting(), s.happened());
    }

    private static Seen unsettled(Seen s) {
        return new Seen(s.build(), s.outcome(), s.live(), "unpromoted", s.sets(), s.moved(), s.requests(), s.errorsJudged(), s.latencyJudged(), s.promoting(), s.happened());
    }

    private static Seen moved(Seen s) {
        return new Seen(s.build(), s.outcome(), s.live(), s.state(), s.sets(), true, s.requests(), s.errorsJudged(), s.latencyJudged(), s.promoting(), s.happened());
    }

    private static Seen judged(Seen s) {
        return new Seen(s.build(), s.outcome(), s.live(), s.state(), s.sets(), s.moved(), s.requests(), true, true, s.promoting(), s.happened());
    }

    private static Seen happened(Seen s) {
        return new Seen(s.build(), s.outcome(), s.live(), s.state(), s.sets(), s.moved(), s.requests(), s.errorsJudged(), s.latencyJudged(), s.promoting(), true);
    }
}
