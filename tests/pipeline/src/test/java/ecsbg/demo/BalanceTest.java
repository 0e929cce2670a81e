package ecsbg.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ecsbg.aws.Json;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Users saw 100 answers of the old version and 20 of the new one, 4 of these failures; smoke.sh had 2 more, in 1.5 seconds. */
class BalanceTest {
    private static final Version OLD = new Version("v1", "blue", "group/blue");
    private static final Version NEW = new Version("v2", "green", "group/green");
    private static final double SMOKE_SECONDS = 1.5;

    private static Requests requests(int sent) {
        return new Requests(Json.read("""
            {"began": 0, "requests": %d, "failed": 4, "versions": {"v1": 100, "v2": 20}, "failedVersions": {"v2": 4}, "bySecond": []}""".formatted(sent)));
    }

    private static Balance balance(int sent, Counted counted) {
        return new Balance(requests(sent), counted, OLD, NEW, 2, SMOKE_SECONDS);
    }

    private static Counted counted(int old, int oldFailed, int fresh, int freshFailed, int own) {
        return new Counted(Map.of(OLD.group(), old, NEW.group(), fresh), Map.of(OLD.group(), oldFailed, NEW.group(), freshFailed), own);
    }

    @ParameterizedTest
    @CsvSource({
        "100, 0, 18, 4, 0, the same",
        "100, 0, 18, 5, 0, curl tried again once",
        "100, 0, 18, 6, 0, curl cannot have tried again so often in that time",
        "100, 0, 18, 3, 0, a failure that was not counted",
        " 99, 0, 18, 4, 0, an answer that was not counted",
        "101, 0, 18, 4, 0, an answer that no user had",
        "100, 1, 18, 4, 0, a failure of the old version that no user had",
        "100, 0, 16, 4, 0, smoke.sh asked somebody else",
        "100, 0, 18, 4, 1, the load balancer answered itself"})
    void usersAndTheLoadBalancerCountTheSameToTheLastRequest(int old, int oldFailed, int fresh, int freshFailed, int own, String why) {
        assertEquals(why.equals("the same") || why.equals("curl tried again once"), balance(120, counted(old, oldFailed, fresh, freshFailed, own)).isEven(), why);
    }

    @Test
    void aRequestWithoutAnAnswerIsNotEven() {
        assertTrue(balance(120, counted(100, 0, 18, 4, 0)).isEven());
        assertFalse(balance(121, counted(100, 0, 18, 4, 0)).isEven());
    }

    @Test
    void theWordsTellUsersAndSmokeTestApart() {
        assertEquals("the load balancer counted the same: 120 requests, and 3 of smoke.sh", balance(120, counted(100, 0, 18, 5, 0)).words());
        assertEquals("the load balancer counted otherwise: 119 requests, and 2 of smoke.sh", balance(120, counted(99, 0, 18, 4, 0)).words());
    }

    @Test
    void rowsAreAddedUpByGroupAndWhatWasBeforeIsLeftOut() {
        Map<String, Object> earlier = row(OLD, Map.of("200", 7), Map.of());
        Counted before = Counted.of(List.of(earlier));
        Counted after = Counted.of(List.of(earlier, row(OLD, Map.of("200", 5, "404", 1, "500", 2), Map.of()), row(NEW, Map.of("200", 3), Map.of("502", 4))));
        assertEquals(new Counted(Map.of(OLD.group(), 6, NEW.group(), 3), Map.of(OLD.group(), 2), 4), after.since(before));
    }

    private static Map<String, Object> row(Version version, Map<String, Integer> target, Map<String, Integer> own) {
        return Map.of("group", version.group(), "target", target, "elb", own);
    }
}
