package ecsbg.library;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
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
        assertEquals(new TreeSet<>(List.of(sets)), ids(), "task sets");
        Map<String, Object> set = set(live);
        assertEquals("PRIMARY", set.get("status"), "status of " + live);
        String group = (String) set.get("targetGroupArn");
        assertTrue(number(set.get("healthy")) >= number(set.get("desired")) && number(set.get("desired")) > 0, "healthy targets of " + live + ": " + set);
        assertAllWeight("live", group);
        String idle = world.group("blue").equals(group) ? world.group("green") : world.group("blue");
        if (World.at(world.made, "listeners.test") != null) assertAllWeight("test", idle);
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
        return ((List<Map<String, Object>>) last.get("taskSets")).stream().filter(s -> s.get("service").equals(world.made.get("service"))).toList();
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
