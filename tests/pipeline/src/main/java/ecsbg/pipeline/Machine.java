package ecsbg.pipeline;

import com.cloudbees.groovy.cps.Continuable;
import com.cloudbees.groovy.cps.Continuation;
import com.cloudbees.groovy.cps.Envs;
import com.cloudbees.groovy.cps.Outcome;
import com.cloudbees.groovy.cps.impl.CpsCallableInvocation;
import groovy.lang.Closure;
import groovy.lang.Script;
import hudson.model.Result;
import java.io.NotSerializableException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.codehaus.groovy.runtime.InvokerInvocationException;
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException;

/**
 * Runs a program: one thread for all its lines of execution, as in Jenkins. A line goes on until it calls a step; then the whole program is
 * saved and read back, and the step starts. Processes end on their own threads and say so through the queue of events.
 */
public final class Machine {
    private static final ThreadLocal<Machine> CURRENT = new ThreadLocal<>();
    static final List<Class> CATEGORIES;

    static {
        List<Class> all = new ArrayList<>(Continuable.categories);
        all.add(Iterators.class);
        CATEGORIES = List.copyOf(all);
        CpsCallableInvocation.registerMismatchHandler((expectedReceiver, expectedName, actualReceiver, actualName) -> {
            Machine m = CURRENT.get();
            if (m == null) return;
            String text = "expected to call " + expectedName + " but wound up catching " + actualName
                + "; see: https://jenkins.io/redirect/pipeline-cps-method-mismatches/";
            m.run.mismatches.add(text);
            m.log.line(null, text);
        });
    }

    final Pipeline pipeline;
    final Run run = new Run();
    final Log log;
    final Agents agents;
    final Loader loader;
    private final Clock clock = new Clock();
    private final Steps steps;
    final Timeouts timeouts = new Timeouts(this);
    final Shell shell = new Shell(this);
    private final Interruptions interruptions;
    private Program program = new Program();
    private final LinkedBlockingQueue<Runnable> events = new LinkedBlockingQueue<>();
    private final ArrayDeque<Integer> runnable = new ArrayDeque<>();
    private final TreeMap<Integer, Execution> running = new TreeMap<>();
    private final Map<Integer, Execution.BodyEnd> bodies = new HashMap<>();
    private final SandboxInvoker invoker = new SandboxInvoker();
    private int stepNumber;
    private long saved;
    private int busy;
    private Frame currentFrame = Frame.ROOT;

    Machine(Pipeline pipeline) {
        this.pipeline = pipeline;
        this.log = new Log(pipeline.out);
        this.loader = Loader.of(pipeline.vars, pipeline.script);
        this.agents = new Agents(this);
        this.steps = new Steps(this);
        this.interruptions = new Interruptions(this, pipeline.interruptions);
    }

    static Machine current() {
        Machine m = CURRENT.get();
        if (m == null) throw new IllegalStateException("called outside a pipeline");
        return m;
    }

    static Machine currentOrNull() {
        return CURRENT.get();
    }

    Program program() {
        return program;
    }

    Clock clock() {
        return clock;
    }

    Run execute() {
        Machine before = CURRENT.get();
        CURRENT.set(this);
        long start = System.currentTimeMillis();
        Outcome end;
        try {
            program.variables.putAll(steps.globals());
            Script script = loader.script(new Program.Names(program.variables));
            int id = addThread(0, new Continuable(script, Envs.empty(invoker)), Frame.ROOT, new Outcome(null, null));
            end = loop(id);
        } catch (Throwable t) {
            end = new Outcome(null, t);
        } finally {
            for (Execution e : new ArrayList<>(running.values())) e.release.run();
            shell.killAll();
            CURRENT.set(before);
        }
        conclude(end);
        run.realMillis = System.currentTimeMillis() - start;
        return run;
    }

    private void conclude(Outcome end) {
        Throwable t = end.getAbnormal();
        if (t != null) {
            run.failure = t;
            program.build.worsen(Errors.result(t));
            String told = Errors.describe(t);
            if (!(t instanceof FlowInterruptedException) || !log.lines().contains(told)) log.line(null, told);
        }
        Result result = program.build.result == null ? Result.SUCCESS : program.build.result;
        run.result = result.toString();
        run.description = program.build.description;
        run.displayName = program.build.displayName;
        log.line(null, "Finished: " + result);
        run.log = log.lines();
        run.home = pipeline.home();
        run.archive = run.home.resolve("archive");
        run.archived = Files2.list(run.archive);
    }

    /** Until the script has ended. */
    private Outcome loop(int mainId) throws InterruptedException {
        while (true) {
            Integer id = runnable.poll();
            if (id != null) {
                Outcome end = runChunk(id);
                if (end != null && id == mainId) return end;
                drainEvents();
                continue;
            }
            await();
        }
    }

    private void drainEvents() {
        for (Runnable r; (r = events.poll()) != null; ) r.run();
        for (Clock.Timer t; (t = clock.takeDue()) != null; ) t.action.run();
    }

    private void await() throws InterruptedException {
        Clock.Timer next = clock.next();
        boolean idle = busy == 0 && events.isEmpty();
        if (idle && (next == null || !pipeline.realTime)) {
            if (next == null) throw new IllegalStateException("the pipeline waits for ever: " + waiting());
            long by = clock.windTo(next.due);
            if (by > 0) {
                run.woundMillis += by;
                if (by >= 1000) log.line(null, "[clock] wound on " + Errors.span(by) + ": " + next.what);
            }
        } else {
            Runnable r = next == null ? events.take() : events.poll(Math.max(1, next.due - clock.now()), TimeUnit.MILLISECONDS);
            if (r != null) r.run();
        }
        drainEvents();
    }

    private String waiting() {
        List<String> what = new ArrayList<>();
        for (Execution e : innermost()) what.add(e.record.toString());
        return what.isEmpty() ? "no step is under way" : String.join("; ", what);
    }

    /** Runs a line to its next step, or to its end, which is returned. */
    private Outcome runChunk(int id) {
        VmThread t = program.threads.get(id);
        Outcome with = t.resume;
        t.resume = null;
        currentFrame = t.frame;
        Outcome out = t.code.run0(with, CATEGORIES);
        if (t.code.isResumable()) {
            StepCall call = (StepCall) out.getNormal();
            t.pending = call;
            try {
                save();
            } catch (NotSerializableException x) {
                t.pending = null;
                t.resume = new Outcome(null, x);
                // Jenkins ends the build here: what cannot be saved is not for the script to catch
                throw new UnsavableException(x, call.name);
            }
            start(id);
            return null;
        }
        program.threads.remove(id);
        Execution.BodyEnd end = bodies.remove(id);
        if (end != null) {
            try {
                end.ended(out);
            } catch (Exception x) {
                throw new IllegalStateException(x);
            }
        }
        return out;
    }

    private void save() throws NotSerializableException {
        Program.Restored r = program.saveAndRestore(loader.classes());
        program = r.program();
        run.saves++;
        saved = r.bytes();
        run.largestSave = Math.max(run.largestSave, saved);
    }

    private void start(int id) {
        VmThread t = program.threads.get(id);
        StepCall call = t.pending;
        Run.Step record = new Run.Step();
        record.number = ++stepNumber;
        record.saved = saved;
        record.name = call.name;
        record.label = call.args.get("label") == null ? null : call.args.get("label").toString();
        record.args = call.args;
        record.stages = t.frame.stages;
        record.branch = t.frame.branch;
        record.agent = t.frame.executor == null ? null : agents.executor(t.frame.executor).agent;
        record.block = call.body != null;
        record.started = clock.now() - clock.started();
        record.startedReal = System.currentTimeMillis();
        run.steps.add(record);
        pipeline.stepStart.accept(record);
        Execution e = new Execution(this, id, call, t.frame, record);
        running.put(id, e);
        if (pipeline.stepLines) log.line(t.frame.branch, "[Pipeline] " + call.name);
        if (interruptions.before(e)) return;
        try {
            steps.start(e);
        } catch (Throwable x) {
            e.failure(x);
        }
        record.interruptible = !e.done && !record.block;
        interruptions.during(e);
    }

    void finish(Execution e, Outcome outcome) {
        if (e.done || e.held) return;
        if (e.atEnd != null) {
            Runnable lost = e.atEnd;
            e.atEnd = null;
            e.held = true;
            lost.run();
            return;
        }
        end(e, outcome);
    }

    /** Ends a step also where its own outcome does not count any more. */
    void end(Execution e, Outcome outcome) {
        if (e.done) return;
        e.done = true;
        e.release.run();
        running.remove(e.thread);
        Run.Step r = e.record;
        r.ended = clock.now() - clock.started();
        r.real = System.currentTimeMillis() - r.startedReal;
        r.outcome = outcome.isSuccess() ? "ok" : Errors.brief(outcome.getAbnormal());
        VmThread t = program.threads.get(e.thread);
        t.pending = null;
        t.resume = outcome;
        runnable.add(e.thread);
    }

    void interrupt(Execution e, Throwable cause) {
        if (e.done) return;
        if (e.held || e.stop == null) end(e, new Outcome(null, cause));
        else e.stop.accept(cause);
    }

    int startBody(Execution e, Closure<?> body, Frame frame, Execution.BodyEnd end) {
        Continuable code;
        try {
            Object value = body.call();
            // a closure that is not transformed has run already
            code = null;
            end.ended(new Outcome(value, null));
            return 0;
        } catch (CpsCallableInvocation inv) {
            code = new Continuable(inv.invoke(Envs.empty(invoker), null, Continuation.HALT));
        } catch (InvokerInvocationException x) {
            if (!(x.getCause() instanceof CpsCallableInvocation inv)) throw x;
            code = new Continuable(inv.invoke(Envs.empty(invoker), null, Continuation.HALT));
        } catch (RuntimeException x) {
            throw x;
        } catch (Exception x) {
            throw new IllegalStateException(x);
        }
        int id = addThread(e.thread, code, frame, new Outcome(null, null));
        bodies.put(id, end);
        return id;
    }

    private int addThread(int parent, Continuable code, Frame frame, Outcome resume) {
        int id = program.nextThread++;
        program.threads.put(id, new VmThread(id, parent, code, frame, resume));
        runnable.add(id);
        return id;
    }

    /** Steps that run nothing inside themselves, the latest first: what an abort reaches. */
    List<Execution> innermost() {
        return innermostUnder(0);
    }

    /** The same, of one line and what it started. */
    List<Execution> innermostUnder(int ancestor) {
        List<Execution> found = new ArrayList<>();
        for (Execution e : running.descendingMap().values()) {
            boolean leaf = program.threads.values().stream().noneMatch(t -> t.parent == e.thread);
            if (leaf && isUnder(e.thread, ancestor)) found.add(e);
        }
        return found;
    }

    boolean isUnder(int thread, int ancestor) {
        for (int id = thread; id != 0; ) {
            if (id == ancestor) return true;
            VmThread t = program.threads.get(id);
            if (t == null) return false;
            id = t.parent;
        }
        return ancestor == 0;
    }

    Object callStep(String name, Object[] args) {
        Object symbol = steps.symbolOrNull(name, args);
        if (symbol != null) return symbol;
        if (!steps.knows(name)) throw new NoSuchMethodError(steps.noSuchStep(name));
        return Continuable.suspend(name, StepCall.of(name, args));
    }

    /** A file of vars/ by its name, made on first use and kept with the program; a file keeps its fields for the build. */
    Object globalOrNull(String name) {
        if (program.variables.containsKey(name)) return program.variables.get(name);
        Script var = loader.variable(name, new Program.Names(program.variables));
        if (var != null) program.variables.put(name, var);
        return var;
    }

    Map<String, String> environment() {
        return environment(currentFrame);
    }

    Map<String, String> environment(Frame frame) {
        Map<String, String> all = new LinkedHashMap<>(pipeline.environment());
        all.putAll(program.build.environment);
        all.putAll(frame.env);
        all.values().removeIf(v -> v == null || v.isEmpty());
        return all;
    }

    /** From another thread: something real is under way, and its end comes as an event. */
    void post(Runnable event) {
        events.add(event);
    }

    void busy(int change) {
        busy += change;
    }
}
