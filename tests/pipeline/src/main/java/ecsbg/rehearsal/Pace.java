package ecsbg.rehearsal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** How much of the team's waiting is waited for: a minute of it is so many seconds. */
record Pace(double seconds) {
    static final double REAL = 60;
    private static final double DRAIN = 2;
    /** Of requests in a second instead of a minute there are not many. */
    private static final int ENOUGH_REQUESTS = 10;

    /** What takes the place of a deployment's settings. */
    Map<String, Object> shortened(Map<String, Object> settings) {
        if (seconds == REAL) return Map.of();
        Map<String, Object> shorter = new LinkedHashMap<>(always(settings));
        if (settings.get("cleanup") instanceof Map<?, ?> cleanup && cleanup.get("bake") instanceof Number bake) {
            shorter.put("cleanup", Map.of("bake", of(bake)));
        }
        if (settings.get("canary") instanceof List<?> steps) shorter.put("canary", steps.stream().map(this::step).toList());
        return shorter;
    }

    /** The part of it that single actions take. */
    Map<String, Object> always(Map<String, Object> settings) {
        if (seconds == REAL) return Map.of();
        Map<String, Object> shorter = new LinkedHashMap<>();
        shorter.put("drain", DRAIN);
        if (settings.get("gates") instanceof Map<?, ?> gates && watch(gates)) shorter.put("gates", gates(gates));
        return shorter;
    }

    /** Whether there are any: what says how they look stands there also without. */
    private static boolean watch(Map<?, ?> gates) {
        boolean alarms = gates.get("alarms") instanceof List<?> named && !named.isEmpty();
        return alarms || Stream.of("errors", "latency", "check").anyMatch(gate -> gates.get(gate) != null && !Boolean.FALSE.equals(gates.get(gate)));
    }

    /** Of response times nothing can be told from so few requests: that gate is told, and decides nothing. */
    private static Map<String, Object> gates(Map<?, ?> gates) {
        Map<String, Object> shorter = new LinkedHashMap<>(Map.of("every", 1, "period", 1));
        if (gates.get("errors") instanceof Map<?, ?> errors && errors.get("minRequests") instanceof Number least && least.intValue() > ENOUGH_REQUESTS) {
            shorter.put("errors", Map.of("minRequests", ENOUGH_REQUESTS));
        }
        if (gates.get("latency") instanceof Map<?, ?>) shorter.put("latency", Map.of("dryRun", true));
        return shorter;
    }

    private Object step(Object step) {
        if (!(step instanceof Map<?, ?> given)) return step;
        Map<String, Object> shorter = new LinkedHashMap<>();
        given.forEach((key, value) -> shorter.put(String.valueOf(key), key.equals("bake") && value instanceof Number bake ? of(bake) : value));
        return shorter;
    }

    /** Not less than a second: a bake of none is none. In tenths. */
    private double of(Number given) {
        double wanted = given.doubleValue();
        return Math.min(wanted, Math.max(1, Math.round(wanted * seconds / REAL * 10) / 10.0));
    }

    /** In one line, what was shortened. */
    String told(Map<String, Object> settings) {
        if (seconds == REAL) return "times as they are (PACE=60)";
        List<String> parts = new ArrayList<>();
        if (settings.get("canary") instanceof List<?> steps) {
            for (Object step : steps) {
                if (step instanceof Map<?, ?> given && given.get("bake") instanceof Number bake) parts.add(given.get("weight") + " % for " + change(bake));
            }
        }
        if (settings.get("cleanup") instanceof Map<?, ?> cleanup && cleanup.get("bake") instanceof Number bake) parts.add("bake " + change(bake));
        parts.add("drain " + plain(DRAIN));
        if (settings.get("gates") instanceof Map<?, ?> gates && watch(gates)) {
            parts.add("gates look at each second, with " + ENOUGH_REQUESTS + " requests or more"
                + (gates.get("latency") instanceof Map<?, ?> ? ", latency is told and not judged" : ""));
        }
        return "a minute is " + plain(seconds) + " (PACE): " + String.join("; ", parts);
    }

    private String change(Number given) {
        return plain(given.doubleValue()) + " → " + plain(of(given));
    }

    private static String plain(double value) {
        return (value == Math.rint(value) ? String.valueOf((long) value) : String.valueOf(value)) + " s";
    }
}
