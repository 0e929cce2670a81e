package ecsbg.library;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ecsbg.aws.Json;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What AWS looks like after a build, and what it looked like at each instant before. */
@SuppressWarnings("unchecked")
final class State {
    private final World world;
    private final List<Map<String, Object>> history;
    private final Map<String, Object> last;

    State(World world, List<Map<String, Object>> history) {
        this.world = world;
        this.history = history;
        this.last = history.get(history.size() - 1);
    }

    /** All is well, with this deployment's version live and PRIMARY, and these sets (by their deployments' ids) and no other. */
    void isSettledOn(String live, String... sets) {
        isServedBy(live, sets);
        String idle = world.group("blue").equals(set(live).get("targetGroupArn")) ? world.group("green") : world.group("blue");
        if (Json.at(world.made, "listeners.test") != null) assertAllWeight("test", idle);
    }

    /** The same, wherever the test listener points. */
    void isServedBy(String live, String... sets) {
        assertEquals(new TreeSet<>(List.of(sets)), ids(), "task sets");
        Map<String, Object> set = set(live);
        assertEquals("PRIMARY", set.get("status"), "status of " + live);
        String group = (String) set.get("targetGroupArn");
        assertTrue(number(set.get("healthy")) >= number(set.get("desired")) && number(set.get("desired")) > 0, "healthy targets of " + live + ": " + set);
        assertAllWeight("live", group);
        wasHealthyThroughout();
    }

    /** At no instant had a group live weight without a healthy target. */
    void wasHealthyThroughout() {
        boolean served = false;
        for (Map<String, Object> entry : history) {
            Map<String, Map<String, Number>> groups = (Map<String, Map<String, Number>>) entry.get("groups");
            for (Map.Entry<String, Number> w : weights(entry, "live").entrySet()) {
                if (w.getValue().intValue() == 0) continue;
                boolean healthy = groups.getOrDefault(w.getKey(), Map.of()).getOrDefault("healthy", 0).intValue() > 0;
                // before a first version nothing serves, and nothing can
                assertTrue(healthy || !served, () -> "live weight without a healthy target after " + entry.get("cause") + ": " + entry);
                served |= healthy;
            }
        }
    }

    /** And at no instant were there two PRIMARY, or none after a first one; no deployment had a second task set. */
    void wasSoundThroughout() {
        wasHealthyThroughout();
        boolean promoted = false;
        Map<String, Set<String>> seen = new HashMap<>();
        for (Map<String, Object> entry : history) {
            List<Map<String, Object>> sets = sets(entry);
            long primaries = sets.stream().filter(s -> "PRIMARY".equals(s.get("status"))).count();
            assertTrue(primaries == 1 || primaries == 0 && !promoted, primaries + " PRIMARY after " + entry.get("cause"));
            promoted |= primaries == 1;
            for (Map<String, Object> s : sets) seen.computeIfAbsent((String) s.get("externalId"), k -> new TreeSet<>()).add((String) s.get("arn"));
        }
        seen.forEach((id, arns) -> assertEquals(1, arns.size(), () -> "task sets of " + id + ": " + arns));
    }

    /** Live weight never moved: the same at each instant. */
    void liveNeverMoved() {
        for (Map<String, Object> entry : history) {
            assertEquals(weights(history.get(0), "live"), weights(entry, "live"), () -> "live weights after " + entry.get("cause"));
        }
    }

    /** The deployments' ids of the task sets there are. */
    TreeSet<String> ids() {
        TreeSet<String> found = new TreeSet<>();
        for (Map<String, Object> s : sets()) found.add(String.valueOf(s.get("externalId")));
        return found;
    }

    Map<String, Object> set(String id) {
        return sets().stream().filter(s -> id.equals(s.get("externalId"))).findFirst().orElseThrow(() -> new AssertionError("no task set of " + id + " among " + ids()));
    }

    int weight(String role, String colour) {
        return number(weights(last, role).getOrDefault(world.group(colour), 0));
    }

    private List<Map<String, Object>> sets() {
        return sets(last);
    }

    private List<Map<String, Object>> sets(Map<String, Object> entry) {
        return ((List<Map<String, Object>>) entry.get("taskSets")).stream().filter(s -> s.get("service").equals(world.made.get("service"))).toList();
    }

    private void assertAllWeight(String role, String group) {
        weights(last, role).forEach((g, w) -> assertEquals(g.equals(group), w.intValue() > 0, role + " weights: " + weights(last, role)));
    }

    private Map<String, Number> weights(Map<String, Object> entry, String role) {
        // a service that was made later was not there yet
        return ((Map<String, Map<String, Number>>) entry.get("weights")).getOrDefault(world.text("listeners." + role), Map.of());
    }

    private static int number(Object n) {
        return n == null ? -1 : ((Number) n).intValue();
    }
}
