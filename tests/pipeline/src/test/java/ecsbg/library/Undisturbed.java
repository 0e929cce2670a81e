package ecsbg.library;

import ecsbg.pipeline.Interruption.Form;
import ecsbg.pipeline.Run;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A whole deployment of Jenkinsfile.example that nothing disturbs, and from its steps and calls the places where something could. */
final class Undisturbed {
    private static final Map<String, Undisturbed> DONE = new HashMap<>();
    final String script;
    /** Lines of the team's configuration. */
    final String[] settings;
    final Run run;
    /** The first step of blueGreenDeploy. */
    private final int beginning;
    /** The first step after the bake: from here on the new version stays live, whatever happens. */
    private final int cleanup;
    /** AWS's calls that change something, by the step in which they are made. */
    private final Map<Integer, List<Call>> mutations;

    /** Every call, as the nth of its operation in its step; of polls the first and the last. */
    final List<Made> calls;

    /** What a failure comes to. */
    enum Phase { BEGINNING, PREPARE, SWAP, CLEANUP }

    /** A call of AWS. @param nth of its operation in the step @param last of several */
    record Made(int step, String action, String service, String operation, boolean mutating, int nth, boolean last) {
        /** How many polls there are is a matter of time: the name does not say it, and the last one may not be needed. */
        @Override
        public String toString() {
            return step + " " + action + ": " + operation + (last ? ", the last" : "");
        }

        Phase phase() {
            return switch (action) {
                case "ecr-login", "preflight", "register-task-definition" -> Phase.BEGINNING;
                case "create-task-set", "wait-stable", "enable-test-listener" -> Phase.PREPARE;
                case "shift-weights", "check-gates", "scale-task-set", "swap-live" -> Phase.SWAP;
                case "set-primary", "delete-task-set" -> Phase.CLEANUP;
                default -> throw new AssertionError(action + " is of no phase");
            };
        }
    }

    /** The nth call of an operation in the deployment. */
    record Call(String operation, int nth) {}

    /** Where and when something happens. @param call met before or after it is applied, or null: the step alone @param when of the call */
    record Place(Undisturbed of, int number, String step, Form form, Call call, String when) {
        @Override
        public String toString() {
            return form + " " + number + " " + step + (call == null ? "" : ", " + when + " " + call.operation() + " " + call.nth());
        }

        boolean isSh() {
            return step.startsWith("sh");
        }

        /** Whether blueGreenDeploy has not been called yet. */
        boolean beforeDeployment() {
            return number < of.beginning;
        }

        /** Whether it is at a step of this stage, or one whose name begins so. */
        boolean in(String stage) {
            return of.run.steps.get(number - 1).stages.stream().anyMatch(s -> s.startsWith(stage));
        }

        /** Whether the new version is to stay live. */
        boolean inCleanup() {
            Run.Step s = of.run.steps.get(number - 1);
            Run.Step last = of.run.steps.get(of.run.steps.size() - 1);
            // a block around everything ends when all is done
            boolean around = s.block && form == Form.AFTER && s.ended >= last.ended;
            return number >= of.cleanup || around;
        }
    }

    private Undisturbed(String script, String... settings) {
        this.script = script;
        this.settings = settings;
        try {
            World w = new Example(Files.createTempDirectory("undisturbed"), settings).w;
            run = w.run(script);
            if (!run.result.equals("SUCCESS")) throw new AssertionError(run.text());
            beginning = after("Image");
            cleanup = after("web: bake");
            mutations = mutations(w, run);
            calls = calls(w, run);
            w.state().isSettledOn(World.OURS, World.OURS);
        } catch (IOException x) {
            throw new UncheckedIOException(x);
        }
    }

    private int after(String stage) {
        return run.steps.stream().filter(s -> s.stages.contains(stage)).reduce((a, b) -> b).orElseThrow().number + 1;
    }

    static synchronized Undisturbed of(String script, String... settings) {
        return DONE.computeIfAbsent(script + String.join("\n", settings), k -> new Undisturbed(script, settings));
    }

    /** By the number of the `sh` in which they were made. */
    static Map<Integer, List<Call>> mutations(World w, Run run) {
        Map<Integer, List<Call>> found = new HashMap<>();
        Map<String, Integer> seen = new HashMap<>();
        for (Map<String, Object> c : w.account.calls()) {
            if (!(Boolean) c.get("mutating")) continue;
            String operation = (String) c.get("operation");
            found.computeIfAbsent(step(run, c).number, k -> new ArrayList<>()).add(new Call(operation, seen.merge(operation, 1, Integer::sum)));
        }
        return found;
    }

    private static List<Made> calls(World w, Run run) {
        Map<String, List<Made>> found = new LinkedHashMap<>();
        for (Map<String, Object> c : w.account.calls()) {
            Run.Step in = step(run, c);
            String operation = (String) c.get("operation");
            List<Made> same = found.computeIfAbsent(in.number + operation, k -> new ArrayList<>());
            same.add(new Made(in.number, in.label.split(" ")[1], (String) c.get("service"), operation, (Boolean) c.get("mutating"), same.size() + 1, !same.isEmpty()));
        }
        return found.values().stream().flatMap(all -> all.size() == 1 ? all.stream() : Stream.of(all.get(0), all.get(all.size() - 1))).toList();
    }

    /** The `sh` in which a call was made. A process may outlive its step by a moment: the last one that had begun. */
    private static Run.Step step(Run run, Map<String, Object> call) {
        long at = (long) (((Number) call.get("at")).doubleValue() * 1000);
        return run.steps("sh").stream().filter(s -> s.startedReal <= at).reduce((a, b) -> b).orElseThrow();
    }

    /** Every step in each of its three forms; what runs while a call is made is met before and after that is applied. */
    List<Place> places() {
        List<Place> all = new ArrayList<>();
        for (Run.Step s : run.steps) {
            String name = s.name + (s.label == null ? "" : " (" + s.label + ")");
            for (Form form : Form.values()) {
                List<Call> calls = form == Form.DURING ? mutations.getOrDefault(s.number, List.of()) : List.of();
                for (Call c : calls) {
                    for (String when : List.of("before", "after")) all.add(new Place(this, s.number, name, form, c, when));
                }
                if (calls.isEmpty()) all.add(new Place(this, s.number, name, form, null, null));
            }
        }
        return all;
    }

    /** Where a rollback follows: right after each call that changes something, from the creation to the swap. */
    List<Place> placesWithRollback() {
        return places().stream().filter(p -> "after".equals(p.when()) && !p.inCleanup() && !p.call().operation().equals("RegisterTaskDefinition")).toList();
    }

    boolean onAgent(Place p) {
        return run.steps.get(p.number - 1).agent != null;
    }

    /** The file by which the stand-in says that a call is there. */
    static Path marker(Path home) {
        return home.resolve("call");
    }
}
