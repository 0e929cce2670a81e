package ecsbg.demo;

import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.OptionalDouble;
import java.util.TreeMap;

/** What part of a listener's traffic a group had by the weights, in percent, over time: from the stand-in's history. */
final class Weights {
    private final NavigableMap<Double, Double> since = new TreeMap<>();

    Weights(List<Map<String, Object>> history, String listener, String group) {
        for (Map<String, Object> entry : history) {
            @SuppressWarnings("unchecked")
            Map<String, Number> weights = (Map<String, Number>) ((Map<?, ?>) entry.get("weights")).get(listener);
            double all = weights.values().stream().mapToDouble(Number::doubleValue).sum();
            double part = weights.getOrDefault(group, 0).doubleValue() * 100 / all;
            if (since.isEmpty() || since.lastEntry().getValue() != part) since.put(((Number) entry.get("at")).doubleValue(), part);
        }
    }

    double at(double time) {
        Map.Entry<Double, Double> last = since.floorEntry(time);
        return (last == null ? since.firstEntry() : last).getValue();
    }

    /** Without a change in this time. */
    boolean isConstant(double from, double until) {
        return at(from) == at(until) && since.subMap(from, true, until, true).keySet().stream().allMatch(since.firstKey()::equals);
    }

    double most() {
        return since.values().stream().mapToDouble(Double::doubleValue).max().orElse(0);
    }

    /** When it first had a part. */
    OptionalDouble firstShift() {
        return since.entrySet().stream().filter(e -> e.getValue() > 0).mapToDouble(Map.Entry::getKey).findFirst();
    }

    /** When that part was taken from it again. */
    OptionalDouble takenBack() {
        OptionalDouble shift = firstShift();
        return since.entrySet().stream().filter(e -> shift.isPresent() && e.getKey() > shift.getAsDouble() && e.getValue() == 0)
            .mapToDouble(Map.Entry::getKey).findFirst();
    }
}
