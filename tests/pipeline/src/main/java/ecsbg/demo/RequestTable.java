package ecsbg.demo;

import java.io.PrintStream;
import java.util.List;
import java.util.stream.Collectors;

/** The requests of a build in the terminal: each second with both versions' answers beside its weights; seconds that are alike are one line. */
final class RequestTable {
    private static final String FAILED = "✕";
    /** A version that is neither of the two: nobody expects it. */
    private static final String OTHER = "?";
    private final Requests requests;
    private final Weights weights;
    private final Version live;
    private final Version fresh;

    /** @param weights of the group of `fresh` @param live the version that has the traffic at first @param fresh the one that is deployed */
    RequestTable(Requests requests, Weights weights, Version live, Version fresh) {
        this.requests = requests;
        this.weights = weights;
        this.live = live;
        this.fresh = fresh;
    }

    void print(PrintStream out) {
        out.printf("%nRequests at the live listener, each a sign: %s %s in %s, %s %s in %s, %s failed%n",
            live.sign(), live.shortName(), live.colour(), fresh.sign(), fresh.shortName(), fresh.colour(), FAILED);
        out.printf("  %7s  %7s  %7s  of %s%n", "second", "weight", "share", fresh.colour());
        List<Requests.Second> seconds = requests.seconds();
        for (int first = 0, next; first < seconds.size(); first = next) {
            next = first + 1;
            while (next < seconds.size() && isPlain(seconds.get(first)) && isAlike(seconds.get(first), seconds.get(next))) next++;
            line(seconds.subList(first, next), out);
        }
        out.printf("  %s%n", total());
    }

    private void line(List<Requests.Second> alike, PrintStream out) {
        Requests.Second first = alike.get(0), last = alike.get(alike.size() - 1);
        String when = first == last ? String.valueOf(first.number()) : first.number() + "–" + last.number();
        int all = alike.stream().mapToInt(Requests.Second::requests).sum();
        double share = alike.stream().mapToInt(s -> s.of(fresh)).sum() * 100.0 / all;
        String signs = alike.size() == 1 ? signs(first) : signs(first).charAt(0) + " " + all + " requests";
        out.printf("  %7s  %7s  %5.0f %%  %s%n", when, weight(first.at()), share, signs);
    }

    /** All of one version, and no change near. */
    private boolean isPlain(Requests.Second s) {
        return s.failures() == 0 && (s.of(fresh) == 0 || s.of(fresh) == s.requests()) && weights.isConstant(s.at() - 1, s.at() + 1);
    }

    private boolean isAlike(Requests.Second one, Requests.Second other) {
        return isPlain(other) && weights.at(one.at()) == weights.at(other.at()) && (one.of(fresh) == 0) == (other.of(fresh) == 0);
    }

    private String weight(double second) {
        double before = weights.at(second), after = weights.at(second + 1);
        return before == after ? String.format("%.0f", before) : String.format("%.0f → %.0f", before, after);
    }

    private String signs(Requests.Second s) {
        int before = s.well(live), after = s.well(fresh);
        int others = s.requests() - before - after - s.failures();
        return live.sign().repeat(before) + fresh.sign().repeat(after) + OTHER.repeat(others) + FAILED.repeat(s.failures());
    }

    private String total() {
        String versions = List.of(live, fresh).stream().filter(v -> requests.of(v) > 0).map(v -> requests.of(v) + " by " + v.shortName())
            .collect(Collectors.joining(", "));
        return String.format("%d requests: %s; %s failed; %s", requests.sent(), versions, requests.failed() == 0 ? "none" : requests.failed(), requests.times());
    }
}
