package ecsbg.demo;

import ecsbg.aws.Json;
import java.util.List;
import java.util.Map;

/** What users saw of one build, second by second: the load generator's file, by the version that answered. */
final class Requests {
    /** A change of weights is in effect a moment after it was written (the knob `weightSeconds`), and on a busy machine later. */
    private static final double SETTLED = 2;
    private final Map<String, Object> load;
    private final List<Second> seconds;

    /** One of them since the first request: `versions` answered, well or not, and of those answers `failed` were failures. */
    record Second(int number, double at, int requests, int failures, Map<String, Integer> versions, Map<String, Integer> failed) {
        int of(Version version) {
            return versions.getOrDefault(version.name(), 0);
        }

        int well(Version version) {
            return of(version) - failed.getOrDefault(version.name(), 0);
        }
    }

    /** @param load what the load generator wrote */
    Requests(Map<String, Object> load) {
        this.load = load;
        double began = ((Number) load.get("began")).doubleValue();
        seconds = Json.list(load, "bySecond").stream().map(one -> second(one, began)).toList();
    }

    private static Second second(Map<String, Object> one, double began) {
        int number = Json.number(one, "second");
        return new Second(number, began + number, Json.number(one, "requests"), Json.number(one, "failed"),
            Json.numbers(one, "versions"), Json.numbers(one, "failedVersions"));
    }

    List<Second> seconds() {
        return seconds;
    }

    int sent() {
        return Json.number(load, "requests");
    }

    int failed() {
        return Json.number(load, "failed");
    }

    /** What that version answered, well or not. */
    int of(Version version) {
        return Json.numbers(load, "versions").getOrDefault(version.name(), 0);
    }

    int failedOf(Version version) {
        return Json.numbers(load, "failedVersions").getOrDefault(version.name(), 0);
    }

    int wellOf(Version version) {
        return of(version) - failedOf(version);
    }

    /** All of those seconds that touch this time. */
    int between(double from, double until) {
        return seconds.stream().filter(s -> s.at() + 1 > from && s.at() < until).mapToInt(Second::requests).sum();
    }

    String times() {
        return String.format("p50 %s ms, p99 %s ms", Json.text(load, "milliseconds.p50"), Json.text(load, "milliseconds.p99"));
    }

    /** Requests that a version answered which had had no weight for a while. */
    int astray(Weights weights, Version version) {
        int astray = 0;
        for (Second s : seconds) {
            if (!weights.isConstant(s.at() - SETTLED, s.at() + 1)) continue;
            double part = weights.at(s.at());
            if (part == 0) astray += s.of(version);
            if (part == 100) astray += s.requests() - s.of(version);
        }
        return astray;
    }

    /** Those of the version and of all, where for a while it had a part of the traffic, and not all of it. */
    int[] split(Weights weights, Version version) {
        List<Second> mixed = seconds.stream().filter(s -> weights.at(s.at()) > 0 && weights.at(s.at()) < 100)
            .filter(s -> weights.isConstant(s.at() - SETTLED, s.at() + 1)).toList();
        return new int[] {mixed.stream().mapToInt(s -> s.of(version)).sum(), mixed.stream().mapToInt(Second::requests).sum()};
    }
}
