package ecsbg.pipeline;

import com.cloudbees.groovy.cps.Outcome;
import groovy.lang.Closure;
import java.util.Map;
import java.util.function.Consumer;

/** A step under way: what an implementation of a step sees of the machine. Lives outside the saved program, as plugins' state does. */
public final class Execution {
    final Machine machine;
    final int thread;
    final StepCall call;
    final Frame frame;
    final Run.Step record;
    /** How it is interrupted; without it, it fails with the cause. */
    Consumer<Throwable> stop;
    /** An agreed interruption waits for the step's end, whose outcome is then lost. */
    Runnable atEnd;
    /** An interruption to come while the step runs. */
    Interruption during;
    volatile boolean done;
    /** The outcome is not to be believed any more: only an interruption ends it. */
    boolean held;
    /** What has to be let go whatever happens: a timer, an entry in a queue. */
    Runnable release = () -> {};

    Execution(Machine machine, int thread, StepCall call, Frame frame, Run.Step record) {
        this.machine = machine;
        this.thread = thread;
        this.call = call;
        this.frame = frame;
        this.record = record;
    }

    /** How a block's body ended. */
    public interface BodyEnd {
        void ended(Outcome outcome) throws Exception;
    }

    public String name() {
        return call.name;
    }

    public Map<String, Object> args() {
        return call.args;
    }

    /** The sole unnamed argument, or the one of this name. */
    public Object arg(String name) {
        return call.args.containsKey(name) ? call.args.get(name) : null;
    }

    /** The argument that may be given without its name. */
    public Object main(String name) {
        return call.args.containsKey(null) ? call.args.get(null) : call.args.get(name);
    }

    public String text(String name) {
        Object o = arg(name);
        return o == null ? null : o.toString();
    }

    public String mainText(String name) {
        Object o = main(name);
        return o == null ? null : o.toString();
    }

    public boolean flag(String name, boolean otherwise) {
        Object o = arg(name);
        return o == null ? otherwise : o instanceof Boolean b ? b : Boolean.parseBoolean(o.toString());
    }

    /** Whether it was called with a body. */
    public boolean isBlock() {
        return call.body != null;
    }

    public Closure<?> body() {
        if (call.body == null) throw new IllegalStateException(call.name + " step must be called with a body");
        // not the one that was there at the start: the program has been read back since
        return machine.program().threads.get(thread).pending.body;
    }

    public void log(String line) {
        machine.log.line(frame.branch, line);
    }

    public void success(Object value) {
        machine.finish(this, new Outcome(value, null));
    }

    public void failure(Throwable t) {
        machine.finish(this, new Outcome(null, t));
    }

    void finish(Outcome outcome) {
        machine.finish(this, outcome);
    }

    /** Runs the body, with these variables, and ends as it ends. */
    public void runBody(Map<String, String> variables) {
        machine.startBody(this, body(), frame.withEnv(variables, machine.environment(frame)), this::finish);
    }
}
