package ecsbg.pipeline;

import com.cloudbees.groovy.cps.Outcome;
import hudson.model.Result;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import jenkins.model.CauseOfInterruption;
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException;

/** The `timeout` step: first it interrupts what runs in its body; 60 seconds later, what still runs there is failed, whatever it does. */
final class Timeouts {
    private static final long GRACE = 60_000;
    private final Machine machine;
    private final Map<Execution, Clock.Timer> armed = new LinkedHashMap<>();

    Timeouts(Machine machine) {
        this.machine = machine;
    }

    void start(Execution e) {
        Object time = e.main("time");
        if (!(time instanceof Number n)) throw new IllegalArgumentException("timeout: time is missing or not a number: " + time);
        TimeUnit unit = e.arg("unit") == null ? TimeUnit.MINUTES : TimeUnit.valueOf(e.text("unit").toUpperCase(Locale.ENGLISH));
        long millis = unit.toMillis(n.longValue());
        e.log("Timeout set to expire in " + Errors.span(millis));
        e.release = () -> machine.clock().cancel(armed.remove(e));
        int[] body = new int[1];
        arm(e, millis, "a timeout expires", () -> {
            e.log("Cancelling nested steps due to timeout");
            arm(e, GRACE, "the grace of a timeout ends", () -> kill(e, body[0]));
            FlowInterruptedException cause = exceeded();
            for (Execution x : machine.innermostUnder(body[0])) machine.interrupt(x, cause);
        });
        body[0] = machine.startBody(e, e.body(), e.frame, e::finish);
    }

    private void arm(Execution e, long millis, String what, Runnable action) {
        armed.put(e, machine.clock().in(millis, what, action));
    }

    private void kill(Execution e, int body) {
        armed.remove(e);
        e.log("Body did not finish within grace period; terminating with extreme prejudice");
        FlowInterruptedException death = exceeded();
        // not a stop: the step is failed at once, and a process that it started is left to itself
        for (Execution x : machine.innermostUnder(body)) machine.end(x, new Outcome(null, death));
    }

    /** Winds the clock on to the next deadline of the outermost timeout around this step. */
    void expireOutermost(Execution inside) {
        for (Map.Entry<Execution, Clock.Timer> t : armed.entrySet()) {
            if (t.getKey() != inside && machine.clock().isPending(t.getValue()) && machine.isUnder(inside.thread, t.getKey().thread)) {
                long by = machine.clock().windTo(t.getValue().due);
                machine.run.woundMillis += by;
                machine.log.line(null, "[clock] wound on " + Errors.span(by) + ": " + t.getValue().what);
                return;
            }
        }
        throw new IllegalStateException("no timeout encloses step " + inside.record);
    }

    boolean encloses(Execution inside) {
        return armed.keySet().stream().anyMatch(t -> machine.isUnder(inside.thread, t.thread));
    }

    private static FlowInterruptedException exceeded() {
        return new FlowInterruptedException(Result.ABORTED, new CauseOfInterruption.Described("Timeout has been exceeded"));
    }
}
