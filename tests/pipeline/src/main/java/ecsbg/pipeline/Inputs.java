package ecsbg.pipeline;

import com.cloudbees.groovy.cps.Outcome;
import hudson.model.Result;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import jenkins.model.CauseOfInterruption;
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException;

/** The `input` step. */
final class Inputs {
    private static final Set<String> KEYS = Set.of("message", "id", "ok", "cancel", "submitter", "submitterParameter", "parameters");
    private final Machine machine;
    private final Map<String, Execution> pending = new HashMap<>();

    Inputs(Machine machine) {
        this.machine = machine;
    }

    void start(Execution e) throws Exception {
        for (String k : e.args().keySet()) {
            if (k != null && !KEYS.contains(k)) throw new IllegalArgumentException("WARNING: Unknown parameter(s) found for class type 'InputStep': " + k);
        }
        Run.Input q = new Run.Input();
        q.message = e.mainText("message");
        if (q.message == null || q.message.isEmpty()) throw new IllegalArgumentException("input: message is missing");
        q.id = e.text("id");
        if (q.id == null || q.id.isEmpty()) {
            q.id = HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(q.message.getBytes(StandardCharsets.UTF_8)));
        }
        q.id = Character.toUpperCase(q.id.charAt(0)) + q.id.substring(1);
        q.ok = e.text("ok") == null ? "Proceed" : e.text("ok");
        q.submitter = empty(e.text("submitter"));
        q.submitterParameter = empty(e.text("submitterParameter"));
        q.parameters = parameters(e.arg("parameters"));
        q.stages = e.frame.stages;
        q.started = machine.clock().now() - machine.clock().started();
        if (e.frame.executor != null) {
            Run.Executor x = machine.agents.executor(e.frame.executor);
            q.held = x.agent;
            x.heldByInput = true;
        }
        // Jenkins would show both under one address; which one a click meant is not known
        if (pending.putIfAbsent(q.id, e) != null) throw new IllegalStateException("two inputs wait under the id " + q.id);
        e.release = () -> {
            pending.remove(q.id, e);
            q.ended = machine.clock().now() - machine.clock().started();
        };
        machine.run.inputs.add(q);
        q.buildDescription = machine.program().build.description;
        // the message is in the log only where there is no form to be filled in
        if (q.parameters.isEmpty()) e.log(q.message + "\n" + q.ok + " or Abort");
        else e.log("Input requested");
        e.stop = cause -> {
            q.answer = "interrupted";
            machine.end(e, new Outcome(null, cause));
        };
        Approver.Answer a = machine.pipeline.approver.answer(q);
        if (a == null || a.user() == null) return;
        if (a.after() <= 0) machine.post(() -> settle(e, q, a));
        else machine.clock().in(a.after(), "an input is answered", () -> settle(e, q, a));
    }

    private static String empty(String s) {
        return s == null || s.isEmpty() ? null : s;
    }

    private void settle(Execution e, Run.Input q, Approver.Answer a) {
        if (e.done) return;
        boolean may = q.submitter == null || Arrays.asList(q.submitter.split("\\s*,\\s*")).contains(a.user());
        if (!may) {
            q.turnedAway.add(a.user());
            machine.log.line(null, "[runner] " + a.user() + ": You need to be " + q.submitter + " to submit this.");
            return;
        }
        if (!a.approved()) {
            q.answer = "rejected by " + a.user();
            e.log("Rejected by " + a.user());
            e.failure(new FlowInterruptedException(Result.ABORTED, new CauseOfInterruption.Described("Rejected by " + a.user())));
            return;
        }
        q.answer = "approved by " + a.user();
        e.log("Approved by " + a.user());
        try {
            e.success(value(q, a));
        } catch (IllegalArgumentException x) {
            e.failure(x);
        }
    }

    /** One value is returned as it is, several as a Map, none as null; the submitter counts as one. */
    private static Object value(Run.Input q, Approver.Answer a) {
        if (a.way() == Approver.Way.OLD_PROCEED_EMPTY) return null;
        Map<String, Object> values = new HashMap<>();
        if (a.way() == Approver.Way.FORM) {
            for (Describable d : q.parameters) values.put(d.name(), defaultOf(d));
        }
        a.values().forEach((k, v) -> {
            Describable d = q.parameters.stream().filter(p -> p.name().equals(k)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("No such parameter definition: " + k));
            if (d.symbol().equals("choice") && !choices(d).contains(String.valueOf(v))) {
                throw new IllegalArgumentException("Illegal choice for parameter " + k + ": " + v);
            }
            values.put(k, v);
        });
        if (q.submitterParameter != null) values.put(q.submitterParameter, a.user());
        return switch (values.size()) {
            case 0 -> null;
            case 1 -> values.values().iterator().next();
            default -> values;
        };
    }

    static List<String> choices(Describable d) {
        Object c = d.args().get("choices");
        if (c instanceof Iterable<?> many) {
            List<String> all = new ArrayList<>();
            for (Object o : many) all.add(String.valueOf(o));
            return all;
        }
        return Arrays.asList(String.valueOf(c).split("\\r?\\n"));
    }

    static Object defaultOf(Describable d) {
        return switch (d.symbol()) {
            case "choice" -> choices(d).get(0);
            case "booleanParam" -> Boolean.parseBoolean(String.valueOf(d.args().getOrDefault("defaultValue", false)));
            default -> d.args().getOrDefault("defaultValue", "");
        };
    }

    static List<Describable> parameters(Object given) {
        List<Describable> all = new ArrayList<>();
        if (given instanceof Iterable<?> many) {
            for (Object o : many) all.add((Describable) o);
        } else if (given != null) {
            all.add((Describable) given);
        }
        return all;
    }
}
