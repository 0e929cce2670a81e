package ecsbg.pipeline;

import com.cloudbees.groovy.cps.Outcome;
import groovy.lang.Closure;
import groovy.lang.GString;
import hudson.AbortException;
import hudson.model.Result;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import jenkins.model.CauseOfInterruption;
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException;

/** The steps there are, and those that only direct the flow. */
final class Steps {
    private static final Set<String> SYMBOLS = Set.of("choice", "string", "text", "booleanParam", "password", "parameters",
        "disableConcurrentBuilds", "buildDiscarder", "logRotator", "durabilityHint");
    private final Machine machine;
    private final TreeMap<String, Step> steps = new TreeMap<>();

    Steps(Machine machine) {
        this.machine = machine;
        steps.put("echo", this::echo);
        steps.put("error", e -> e.failure(new AbortException(e.mainText("message"))));
        steps.put("stage", this::stage);
        steps.put("timeout", e -> machine.timeouts.start(e));
        steps.put("sleep", this::sleep);
        steps.put("retry", this::retry);
        steps.put("parallel", this::parallel);
        steps.put("catchError", e -> guard(e, "FAILURE", "SUCCESS"));
        steps.put("warnError", e -> guard(e, "UNSTABLE", "UNSTABLE"));
        steps.put("unstable", this::unstable);
        steps.put("withEnv", this::withEnv);
        steps.put("milestone", e -> e.success(null));
        steps.put("properties", e -> e.success(null));
        steps.put("library", e -> e.success(null));
        steps.put("sh", e -> machine.shell.start(e));
        steps.put("node", e -> machine.agents.node(e));
        Inputs inputs = new Inputs(machine);
        steps.put("input", inputs::start);
        new WorkspaceSteps(machine).addTo(steps);
        steps.putAll(machine.pipeline.extraSteps);
    }

    boolean knows(String name) {
        return steps.containsKey(name);
    }

    Set<String> names() {
        Set<String> all = new TreeSet<>(steps.keySet());
        all.addAll(SYMBOLS);
        all.addAll(machine.pipeline.extraSymbols);
        return all;
    }

    void start(Execution e) throws Exception {
        steps.get(e.name()).start(e);
    }

    String noSuchStep(String name) {
        Set<String> globals = new TreeSet<>(globals().keySet());
        globals.addAll(machine.loader.variables());
        return "No such DSL method '" + name + "' found among steps " + steps.keySet() + " or symbols " + new TreeSet<>(SYMBOLS)
            + " or globals " + globals;
    }

    Map<String, Object> globals() {
        Map<String, Object> g = new LinkedHashMap<>();
        g.put("env", new Globals.Env());
        g.put("params", Collections.unmodifiableMap(new LinkedHashMap<>(machine.pipeline.params)));
        g.put("currentBuild", new Globals.CurrentBuild());
        g.put("scm", new Globals.Scm());
        return g;
    }

    Object symbolOrNull(String name, Object[] args) {
        if (!SYMBOLS.contains(name) && !machine.pipeline.extraSymbols.contains(name)) return null;
        Map<String, Object> named = new LinkedHashMap<>();
        if (args.length == 1 && args[0] instanceof Map<?, ?> m) m.forEach((k, v) -> named.put(String.valueOf(k), v instanceof GString ? v.toString() : v));
        else if (args.length == 1) named.put("value", args[0]);
        return new Describable(name, named);
    }

    private void echo(Execution e) {
        e.log(String.valueOf(e.main("message")));
        e.success(null);
    }

    private void stage(Execution e) {
        String name = e.mainText("name");
        Run.Stage s = new Run.Stage();
        s.name = name;
        s.branch = e.frame.branch;
        s.started = machine.clock().now() - machine.clock().started();
        s.startedReal = System.currentTimeMillis();
        machine.run.stages.add(s);
        if (machine.pipeline.stepLines) e.log("[Pipeline] { (" + name + ")");
        machine.startBody(e, e.body(), e.frame.inStage(name), o -> {
            s.ended = machine.clock().now() - machine.clock().started();
            s.real = System.currentTimeMillis() - s.startedReal;
            s.outcome = o.isSuccess() ? "ok" : Errors.brief(o.getAbnormal());
            machine.pipeline.stageEnd.accept(s);
            e.finish(o);
        });
    }

    private static TimeUnit unit(Execution e, TimeUnit otherwise) {
        return e.arg("unit") == null ? otherwise : TimeUnit.valueOf(e.text("unit").toUpperCase(Locale.ENGLISH));
    }

    private void sleep(Execution e) {
        if (!(e.main("time") instanceof Number n)) throw new IllegalArgumentException("sleep: time is missing or not a number");
        long millis = unit(e, TimeUnit.SECONDS).toMillis(n.longValue());
        e.log("Sleeping for " + Errors.span(millis));
        Clock.Timer t = machine.clock().in(millis, "sleep is over", () -> e.success(null));
        e.release = () -> machine.clock().cancel(t);
    }

    private void retry(Execution e) {
        int count = ((Number) e.main("count")).intValue();
        attempt(e, count);
    }

    private void attempt(Execution e, int left) {
        machine.startBody(e, e.body(), e.frame, o -> {
            Throwable t = o.getAbnormal();
            boolean stopped = t instanceof FlowInterruptedException f && f.isActualInterruption();
            if (t == null || stopped || left <= 1) {
                e.finish(o);
                return;
            }
            e.log(Errors.describe(t));
            e.log("Retrying");
            attempt(e, left - 1);
        });
    }

    private void parallel(Execution e) {
        Map<String, Closure<?>> branches = new LinkedHashMap<>();
        boolean failFast = false;
        for (Map.Entry<String, Object> a : e.args().entrySet()) {
            if (a.getValue() instanceof Closure<?> c) branches.put(a.getKey(), c);
            else if ("failFast".equals(a.getKey())) failFast = Boolean.parseBoolean(String.valueOf(a.getValue()));
            else throw new IllegalArgumentException("Expected a closure but found " + a.getKey() + "=" + a.getValue());
        }
        if (branches.isEmpty()) {
            e.success(Map.of());
            return;
        }
        boolean fast = failFast;
        Map<String, Integer> ids = new LinkedHashMap<>();
        List<String> failed = new ArrayList<>();
        int[] left = {branches.size()};
        // in the program, so that what the branches return stays the program's own
        machine.program().threads.get(e.thread).branches = new LinkedHashMap<>();
        branches.keySet().forEach(name -> machine.program().threads.get(e.thread).branches.put(name, null));
        branches.forEach((name, body) -> ids.put(name, machine.startBody(e, body, e.frame.inBranch(name), o -> {
            left[0]--;
            Map<String, Outcome> ends = machine.program().threads.get(e.thread).branches;
            ends.put(name, o);
            if (o.isFailure()) {
                failed.add(name);
                machine.log.line(name, "Failed in branch " + name);
                if (fast && failed.size() == 1) stopOthers(ids);
            }
            if (left[0] > 0) return;
            if (!failed.isEmpty()) {
                e.finish(ends.get(failed.get(0)));
                return;
            }
            Map<String, Object> values = new LinkedHashMap<>();
            ends.forEach((k, v) -> values.put(k, v.getNormal()));
            e.success(values);
        })));
    }

    private void stopOthers(Map<String, Integer> ids) {
        FlowInterruptedException cause =
            new FlowInterruptedException(Result.ABORTED, new CauseOfInterruption.Described("Failed in another branch"));
        for (int id : ids.values()) {
            for (Execution x : machine.innermostUnder(id)) machine.interrupt(x, cause);
        }
    }

    /** `catchError` and `warnError`: the build gets a result, and goes on. */
    private void guard(Execution e, String otherwise, String stageOtherwise) {
        String buildResult = e.text("buildResult") == null ? otherwise : e.text("buildResult");
        boolean catchInterruptions = e.flag("catchInterruptions", true);
        machine.startBody(e, e.body(), e.frame, o -> {
            Throwable t = o.getAbnormal();
            boolean stopped = t instanceof FlowInterruptedException f && f.isActualInterruption();
            if (t == null || stopped && !catchInterruptions) {
                e.finish(o);
                return;
            }
            String message = e.mainText("message");
            if (message != null) e.log((otherwise.equals("UNSTABLE") ? "WARNING: " : "ERROR: ") + message);
            e.log(Errors.describe(t));
            Result r = t instanceof FlowInterruptedException f ? f.getResult() : Result.fromString(buildResult);
            if (r != Result.SUCCESS) machine.program().build.worsen(r);
            e.success(null);
        });
    }

    private void unstable(Execution e) {
        e.log("WARNING: " + e.mainText("message"));
        machine.program().build.worsen(Result.UNSTABLE);
        e.success(null);
    }

    private void withEnv(Execution e) {
        Map<String, String> more = new LinkedHashMap<>();
        Object given = e.main("overrides");
        if (!(given instanceof Iterable<?> list)) throw new IllegalArgumentException("withEnv: expected a list");
        for (Object o : list) {
            String s = String.valueOf(o);
            int eq = s.indexOf('=');
            if (eq <= 0) throw new IllegalArgumentException("withEnv: not NAME=value: " + s);
            more.put(s.substring(0, eq), s.substring(eq + 1));
        }
        machine.startBody(e, e.body(), e.frame.withEnv(more, machine.environment(e.frame)), e::finish);
    }
}
