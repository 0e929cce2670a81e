package ecsbg.demo;

import ecsbg.pipeline.Run;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What is expected of each build, and whether it came so. */
final class Checks {
    /** `blueGreenDeploy` promises it: one for each action, none for anything else. */
    private static final int MOST_SH = 9;
    private final List<String> lines = new ArrayList<>();
    private final PrintStream out;
    private boolean all = true;

    Checks(PrintStream out) {
        this.out = out;
    }

    private void expect(boolean held, String what) {
        all &= held;
        lines.add((held ? "  ✓ " : "  ✗ ") + what);
    }

    boolean summary() {
        lines.forEach(out::println);
        return all;
    }

    void of(World.Seen s, Map<String, Object> made) {
        lines.add(s.deployment().title());
        if (s.deployment().good()) good(s, made);
        else failed(s, made);
        expect(s.run().refusals.isEmpty() && s.run().mismatches.isEmpty(), "Jenkins' sandbox refused " + (s.run().refusals.isEmpty() ? "nothing" : s.run().refusals));
    }

    private void good(World.Seen s, Map<String, Object> made) {
        String colour = s.deployment().colour();
        String idle = colour.equals("green") ? "blue" : "green";
        expect(s.run().result.equals("SUCCESS"), "the build ended " + s.run().result);
        expect("promoted".equals(s.report().get("outcome")), "its archived report says " + s.report().get("outcome")
            + ", approved by " + s.report().get("approver"));
        steps(s);
        expect(colour.equals(World.text(s.after(), "result.live.colour")) && s.deployment().id().equals(World.text(s.after(), "result.live.deploymentId")),
            "live is " + World.text(s.after(), "result.live.colour") + ", with " + World.text(s.after(), "result.live.deploymentId"));
        expect(weight(s.after(), "live", colour) == 100 && weight(s.after(), "live", idle) == 0, "all live weight is on " + colour);
        expect(primary(s.after()).equals(World.text(s.after(), "result.live.taskSetArn")), "PRIMARY is the live version");
        expect(weight(s.after(), "test", idle) == 100, "the test listener is on the idle group, " + idle);
        expect(sets(s.after()).size() == 1, "nothing is left over: " + sets(s.after()).size() + " task set");
        healthyThroughout(s, made);
        expect(s.run().executors.stream().noneMatch(x -> x.heldByInput), "nobody's answer was waited for on an executor");
    }

    private void failed(World.Seen s, Map<String, Object> made) {
        expect(s.run().result.equals("FAILURE"), "the build ended " + s.run().result);
        expect("rolledBack".equals(s.report().get("outcome")), "its archived report says " + s.report().get("outcome")
            + ", in phase " + s.report().get("phase"));
        double waited = s.run().steps("sh").stream().filter(x -> String.valueOf(x.label).startsWith("ecs-bg wait-stable"))
            .mapToLong(x -> x.real).sum() / 1000.0;
        expect(waited > 0 && waited < 30, String.format("it failed fast: %.1f s of the 900 s that it may wait", waited));
        String error = String.valueOf(World.text(s.report(), "error.message"));
        expect(s.run().logged("health check"), "the log has the stopped tasks' reasons; the report: " + first(error));
        Set<Object> live = new LinkedHashSet<>();
        for (Map<String, Object> entry : s.history()) live.add(((Map<?, ?>) entry.get("weights")).get(World.text(made, "listeners.live")));
        expect(live.size() == 1, "live traffic never moved, in " + s.history().size() + " changes seen");
        healthyThroughout(s, made);
        expect(same(s, "live") && same(s, "weights"), "the live version and all weights are as they were before");
        expect(sets(s.before()).equals(sets(s.after())) && primary(s.before()).equals(primary(s.after())), "nothing is left behind: the same task set, the same PRIMARY");
        expect(s.run().inputs.isEmpty(), "nobody was asked");
    }

    private static boolean same(World.Seen s, String what) {
        return World.at(s.before(), "result." + what).equals(World.at(s.after(), "result." + what));
    }

    private void steps(World.Seen s) {
        List<Run.Step> sh = s.run().steps("sh");
        long image = sh.stream().filter(x -> String.valueOf(x.label).startsWith("ecs-bg ecr-login")).count();
        long smoke = sh.stream().filter(x -> "smoke".equals(x.label)).count();
        long deploy = sh.size() - image - smoke;
        expect(deploy > MOST_SH - 2 && deploy <= MOST_SH && image == 2 && smoke == 1, deploy + " sh for the deployment (" + MOST_SH + " at most), "
            + image + " for the image, " + smoke + " of the team's own");
    }

    /** At no instant was there live weight on a group without a healthy target. */
    @SuppressWarnings("unchecked")
    private void healthyThroughout(World.Seen s, Map<String, Object> made) {
        int without = 0;
        for (Map<String, Object> entry : s.history()) {
            Map<String, Number> weights = (Map<String, Number>) ((Map<?, ?>) entry.get("weights")).get(World.text(made, "listeners.live"));
            Map<String, Map<String, Number>> groups = (Map<String, Map<String, Number>>) entry.get("groups");
            for (Map.Entry<String, Number> w : weights.entrySet()) {
                if (w.getValue().intValue() > 0 && groups.getOrDefault(w.getKey(), Map.of()).getOrDefault("healthy", 0).intValue() == 0) without++;
            }
        }
        expect(without == 0, "live traffic had healthy targets at each of " + s.history().size() + " instants recorded");
    }

    private static List<String> sets(Map<String, Object> status) {
        return World.list(status, "result.taskSets").stream().map(t -> (String) t.get("arn")).toList();
    }

    private static String primary(Map<String, Object> status) {
        return World.list(status, "result.taskSets").stream().filter(t -> "PRIMARY".equals(t.get("status"))).map(t -> (String) t.get("arn"))
            .findFirst().orElse("none");
    }

    private static int weight(Map<String, Object> status, String role, String colour) {
        return World.list(status, "result.weights").stream().filter(w -> role.equals(w.get("role"))).findFirst()
            .map(w -> ((Number) w.get(colour)).intValue()).orElse(-1);
    }

    private static String first(String text) {
        String line = text.split("\n")[0];
        return line.length() <= 160 ? line : line.substring(0, 159) + "…";
    }
}
