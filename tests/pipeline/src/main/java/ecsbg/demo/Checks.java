package ecsbg.demo;

import ecsbg.aws.Json;
import ecsbg.pipeline.Run;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What is expected of each build, and whether it came so. */
final class Checks {
    /** `blueGreenDeploy` promises it: one for each action, none for anything else. */
    private static final int MOST_SH = 9;
    private final Map<String, Object> made;
    private final PrintStream out;
    private final List<String> lines = new ArrayList<>();
    private boolean all = true;

    /** @param made what the stand-in's fixture is */
    Checks(Map<String, Object> made, PrintStream out) {
        this.made = made;
        this.out = out;
    }

    private void expect(boolean held, String what, Object... values) {
        all &= held;
        lines.add((held ? "  ✓ " : "  ✗ ") + String.format(what, values));
    }

    boolean summary() {
        lines.forEach(out::println);
        return all;
    }

    void of(Seen s) {
        lines.add(s.deployment().title());
        switch (s.deployment().end()) {
            case PROMOTED -> promoted(s);
            case STOPPED -> stopped(s);
            case NEVER_HEALTHY -> neverHealthy(s);
        }
        expect(s.balance().isEven(), s.balance().words());
        healthyThroughout(s);
        expect(s.run().refusals.isEmpty() && s.run().mismatches.isEmpty(), "Jenkins' sandbox refused %s", s.run().refusals.isEmpty() ? "nothing" : s.run().refusals);
    }

    private void promoted(Seen s) {
        String colour = s.deployment().colour(), idle = s.live().colour();
        ended(s, "SUCCESS", "promoted", "approved by " + s.report().get("approver"));
        steps(s);
        noneFailed(s);
        expect(s.requests().of(s.live()) > 0 && s.requests().of(s.fresh()) > 0 && s.requests().astray(s.weights(), s.fresh()) == 0,
            "they went where the weights said: %d to the old version, then %d to the new one", s.requests().of(s.live()), s.requests().of(s.fresh()));
        expect(colour.equals(Json.text(s.after(), "result.live.colour")) && s.deployment().id().equals(Json.text(s.after(), "result.live.deploymentId")),
            "live is %s, with %s", Json.text(s.after(), "result.live.colour"), Json.text(s.after(), "result.live.deploymentId"));
        expect(weight(s, "live", colour) == 100 && weight(s, "live", idle) == 0 && weight(s, "test", idle) == 100,
            "all live weight is on %s, the test listener on the idle group, %s", colour, idle);
        expect(primary(s.after()).equals(Json.text(s.after(), "result.live.taskSetArn")), "PRIMARY is the live version");
        expect(sets(s.after()).size() == 1, "nothing is left over: %d task set", sets(s.after()).size());
        expect(s.run().executors.stream().noneMatch(x -> x.heldByInput), "nobody's answer was waited for on an executor");
    }

    private void stopped(Seen s) {
        Requests r = s.requests();
        Version version = s.fresh();
        ended(s, "FAILURE", "rolledBack", "in phase " + s.report().get("phase"));
        String said = failedGates(s);
        expect("canary".equals(s.report().get("phase")) && said.startsWith("errors: "), "the gate that stopped it: %s", said);
        double shift = s.weights().firstShift().orElse(Double.NaN), back = s.weights().takenBack().orElse(Double.NaN);
        int failed = r.failedOf(version), own = r.of(version), meanwhile = r.between(shift, back);
        expect(back > shift && s.weights().most() == 5, "at most %.0f %% of the traffic, and taken back %.1f s after the first shift", s.weights().most(), back - shift);
        expect(failed >= 5 && failed == r.failed() && Chance.explains(failed, own, 0.2),
            "%d requests failed, all by the new version's own answers: %.0f %% of its %d, %.1f %% of all %d in that time",
            r.failed(), failed * 100.0 / own, own, failed * 100.0 / meanwhile, meanwhile);
        int[] split = r.split(s.weights(), version);
        expect(split[1] > 0 && Chance.explains(split[0], split[1], 0.05),
            "its share was what a weight of 5 %% gives: %d of %d requests, %.1f %%", split[0], split[1], split[0] * 100.0 / split[1]);
        expect(r.astray(s.weights(), version) == 0, "before and after, none of the %d requests of others went to it", r.sent() - own);
        asBefore(s);
    }

    private void neverHealthy(Seen s) {
        ended(s, "FAILURE", "rolledBack", "in phase " + s.report().get("phase"));
        double waited = s.run().steps("sh").stream().filter(x -> String.valueOf(x.label).startsWith("ecs-bg wait-stable"))
            .mapToLong(x -> x.real).sum() / 1000.0;
        expect(waited > 0 && waited < 30, "it failed fast: %.1f s of the 900 s that it may wait", waited);
        expect(s.run().logged("health check"), "the log has the stopped tasks' reasons; the report: %s", first(Json.text(s.report(), "error.message")));
        noneFailed(s);
        expect(s.weights().most() == 0 && s.requests().of(s.live()) == s.requests().sent(), "live traffic never moved: the old version answered all of it");
        asBefore(s);
        expect(s.run().inputs.isEmpty(), "nobody was asked");
    }

    private void ended(Seen s, String result, String outcome, String more) {
        expect(result.equals(s.run().result), "the build ended %s", s.run().result);
        expect(outcome.equals(s.report().get("outcome")), "its archived report says %s, %s", s.report().get("outcome"), more);
    }

    private void steps(Seen s) {
        List<Run.Step> sh = s.run().steps("sh");
        long image = sh.stream().filter(x -> String.valueOf(x.label).startsWith("ecs-bg ecr-login")).count();
        long smoke = sh.stream().filter(x -> "smoke".equals(x.label)).count();
        long ours = sh.size() - image - smoke;
        expect(ours > MOST_SH - 2 && ours <= MOST_SH && image == 2 && smoke == 1,
            "%d sh for the deployment (%d at most), %d for the image, %d of the team's own", ours, MOST_SH, image, smoke);
    }

    private void noneFailed(Seen s) {
        expect(s.requests().sent() > 0 && s.requests().failed() == 0, "%d of %d requests failed", s.requests().failed(), s.requests().sent());
    }

    private void asBefore(Seen s) {
        expect(s.isAsBefore("live") && s.isAsBefore("weights"), "the live version and all weights are as they were before");
        expect(sets(s.before()).equals(sets(s.after())) && primary(s.before()).equals(primary(s.after())), "nothing is left behind: the same task set, the same PRIMARY");
    }

    /** At no instant was there live weight on a group without a healthy target. */
    @SuppressWarnings("unchecked")
    private void healthyThroughout(Seen s) {
        int without = 0;
        for (Map<String, Object> entry : s.history()) {
            Map<String, Number> weights = (Map<String, Number>) ((Map<?, ?>) entry.get("weights")).get(Json.text(made, "listeners.live"));
            Map<String, Map<String, Number>> groups = (Map<String, Map<String, Number>>) entry.get("groups");
            for (Map.Entry<String, Number> w : weights.entrySet()) {
                if (w.getValue().intValue() > 0 && groups.getOrDefault(w.getKey(), Map.of()).getOrDefault("healthy", 0).intValue() == 0) without++;
            }
        }
        expect(without == 0, "live traffic had healthy targets at each of %d instants recorded", s.history().size());
    }

    /** In the words of the look that failed. */
    private static String failedGates(Seen s) {
        List<String> failed = new ArrayList<>();
        for (Map<String, Object> event : Json.list(s.report(), "events")) {
            if (!"look".equals(event.get("type")) || !"fail".equals(event.get("verdict"))) continue;
            for (Map<String, Object> gate : Json.list(event, "gates")) {
                if ("fail".equals(gate.get("verdict"))) failed.add(gate.get("gate") + ": " + gate.get("words"));
            }
        }
        return failed.isEmpty() ? "none" : String.join("; ", failed);
    }

    private static List<String> sets(Map<String, Object> status) {
        return Json.list(status, "result.taskSets").stream().map(t -> (String) t.get("arn")).toList();
    }

    private static String primary(Map<String, Object> status) {
        return Json.list(status, "result.taskSets").stream().filter(t -> "PRIMARY".equals(t.get("status"))).map(t -> (String) t.get("arn"))
            .findFirst().orElse("none");
    }

    private static int weight(Seen s, String role, String colour) {
        return Json.list(s.after(), "result.weights").stream().filter(w -> role.equals(w.get("role"))).findFirst()
            .map(w -> ((Number) w.get(colour)).intValue()).orElse(-1);
    }

    private static String first(String text) {
        String line = String.valueOf(text).split("\n")[0];
        return line.length() <= 160 ? line : line.substring(0, 159) + "…";
    }
}
