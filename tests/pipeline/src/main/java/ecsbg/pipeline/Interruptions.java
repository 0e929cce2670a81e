package ecsbg.pipeline;

import hudson.model.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import jenkins.model.CauseOfInterruption;
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException;

/** Lets the agreed interruptions happen at their steps. */
final class Interruptions {
    private static final long MARKER_WAIT = 20_000;
    private final Machine machine;
    private final List<Interruption> todo;
    private Interruption atNextStart;

    Interruptions(Machine machine, List<Interruption> agreed) {
        this.machine = machine;
        this.todo = new ArrayList<>(agreed);
    }

    /** Returns whether the step must not start at all. */
    boolean before(Execution e) {
        boolean handedOn = atNextStart != null;
        Interruption i = handedOn ? atNextStart : todo.stream().filter(x -> x.step.test(e.record)).findFirst().orElse(null);
        atNextStart = null;
        if (i == null) return false;
        todo.remove(i);
        Interruption now = i;
        if (e.record.block && i.form == Interruption.Form.DURING) {
            atNextStart = i;
            return false;
        }
        if (i.form == Interruption.Form.BEFORE || handedOn) {
            e.held = true;
            happen(now, e);
            return true;
        }
        e.atEnd = () -> happen(now, e);
        e.during = i.form == Interruption.Form.DURING ? i : null;
        return false;
    }

    /** After the start: what goes on can be met while it runs. */
    void during(Execution e) {
        Interruption i = e.during;
        if (i == null || e.done || e.held) return;
        if (!e.name().equals("sh")) {
            e.atEnd = null;
            happen(i, e);
            return;
        }
        machine.busy(1);
        Thread waiter = new Thread(() -> {
            try {
                if (i.marker == null) {
                    Thread.sleep(i.delay);
                } else {
                    long until = System.nanoTime() + MARKER_WAIT * 1_000_000;
                    while (!Files.exists(i.marker) && !e.done && System.nanoTime() < until) Thread.sleep(2);
                }
            } catch (InterruptedException x) {
                Thread.currentThread().interrupt();
            }
            machine.post(() -> {
                machine.busy(-1);
                if (!e.done && !e.held && (i.marker == null || Files.exists(i.marker))) {
                    e.atEnd = null;
                    happen(i, e);
                }
                letGo(i);
            });
        }, "interruption");
        waiter.setDaemon(true);
        waiter.start();
    }

    private void letGo(Interruption i) {
        if (i.marker == null || !Files.exists(i.marker)) return;
        try {
            Files.createFile(i.marker.resolveSibling(i.marker.getFileName() + ".go"));
        } catch (IOException x) {
            machine.log.line(null, "[runner] " + x);
        }
    }

    private void happen(Interruption i, Execution e) {
        i.at = System.currentTimeMillis();
        machine.log.line(null, "[runner] " + i);
        switch (i.kind) {
            case ABORT -> abort("admin");
            case DEADLINE -> machine.timeouts.expireOutermost(e);
            case AGENT_LOST -> machine.agents.lose(e);
        }
    }

    /** As the stop button: the result is set first, then every step that is under way is stopped, the latest first. */
    void abort(String user) {
        machine.log.line(null, "Aborted by " + user);
        machine.program().build.worsen(Result.ABORTED);
        FlowInterruptedException cause =
            new FlowInterruptedException(Result.ABORTED, new CauseOfInterruption.UserInterruption(user));
        for (Execution x : machine.innermost()) machine.interrupt(x, cause);
    }
}
