package ecsbg.demo;

import ecsbg.aws.Json;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the load balancer itself has counted, of all its listeners.
 *
 * @param well answers with a status below 500, by the group whose target gave them @param failed the others @param own answers that no target gave
 */
record Counted(Map<String, Integer> well, Map<String, Integer> failed, int own) {
    /** @param rows the stand-in's, by second and group */
    static Counted of(List<Map<String, Object>> rows) {
        Map<String, Integer> well = new HashMap<>(), failed = new HashMap<>();
        int own = 0;
        for (Map<String, Object> row : rows) {
            Json.numbers(row, "target").forEach((status, count) ->
                (Integer.parseInt(status) < 500 ? well : failed).merge(Json.text(row, "group"), count, Integer::sum));
            own += Json.numbers(row, "elb").values().stream().mapToInt(Integer::intValue).sum();
        }
        return new Counted(well, failed, own);
    }

    Counted since(Counted before) {
        return new Counted(difference(well, before.well), difference(failed, before.failed), own - before.own);
    }

    int well(Version version) {
        return well.getOrDefault(version.group(), 0);
    }

    int failed(Version version) {
        return failed.getOrDefault(version.group(), 0);
    }

    private static Map<String, Integer> difference(Map<String, Integer> now, Map<String, Integer> before) {
        Map<String, Integer> difference = new HashMap<>(now);
        before.forEach((group, count) -> difference.merge(group, -count, Integer::sum));
        return difference;
    }
}
