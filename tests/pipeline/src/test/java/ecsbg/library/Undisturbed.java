package ecsbg.library;

import ecsbg.pipeline.Interruption.Form;
import ecsbg.pipeline.Run;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A whole deployment that nothing disturbs, and from its steps and calls the places where something could. */
final class Undisturbed {
    private static final Map<String, Undisturbed> DONE = new HashMap<>();
    final String script;
    final Run run;
    /** The first step after the bake: from here on the new version stays live, whatever happens. */
    private final int cleanup;
    /** AWS's calls that change something, by the step in which they are made. */
    private final Map<Integer, List<Call>> mutations;

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

        /** Whether the new version is to stay live. */
        boolean inCleanup() {
            Run.Step s = of.run.steps.get(number - 1);
            Run.Step last = of.run.steps.get(of.run.steps.size() - 1);
            // a block around everything ends when all is done
            boolean around = s.block && form == Form.AFTER && s.ended >= last.ended;
            return number >= of.cleanup || around;
        }
    }

    private Undisturbed(String script) {
        this.script = script;
        try {
            World w = new World(Files.createTempDirectory("undisturbed"));
            run = w.run(script);
            if (!run.result.equals("SUCCESS")) throw new AssertionError(run.text());
            int n = 0;
            for (Run.Step s : run.steps) if (s.stages.contains("web: bake")) n = s.number;
            cleanup = n + 1;
            mutations = mutations(w, run);
            w.state().isSettledOn(World.OURS, World.OURS);
        } catch (IOException x) {
            throw new UncheckedIOException(x);
        }
    }

    static synchronized Undisturbed of(String script) {
        return DONE.computeIfAbsent(script, Undisturbed::new);
    }

    /** By the number of the `sh` in which they were made. */
    static Map<Integer, List<Call>> mutations(World w, Run run) {
        Map<Integer, List<Call>> found = new HashMap<>();
        Map<String, Integer> seen = new HashMap<>();
        for (Map<String, Object> c : w.account.calls()) {
            if (!(Boolean) c.get("mutating")) continue;
            String operation = (String) c.get("operation");
            long at = (long) (((Number) c.get("at")).doubleValue() * 1000);
            // a process may outlive its step by a moment: the last one that had begun
            Run.Step in = run.steps("sh").stream().filter(s -> s.startedReal <= at).reduce((a, b) -> b).orElseThrow();
            found.computeIfAbsent(in.number, k -> new ArrayList<>()).add(new Call(operation, seen.merge(operation, 1, Integer::sum)));
        }
        return found;
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

    /** Where a rollback follows: right after each call that changes something, from the creation to PRIMARY. */
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
