package ecsbg.pipeline;

import com.cloudbees.groovy.cps.Outcome;
import hudson.model.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import jenkins.model.CauseOfInterruption;
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException;
import org.jenkinsci.plugins.workflow.steps.MissingContextVariableException;

/** Agents, their executors and workspaces, and the `node` step. An agent exists for each label that is asked for. */
final class Agents {
    private final Machine machine;
    private final TreeMap<Integer, Run.Executor> executors = new TreeMap<>();
    private final Map<Integer, Integer> bodies = new LinkedHashMap<>();
    /** How many agents of a label were lost: the next one has another name, and another disk. */
    private final Map<String, Integer> lost = new LinkedHashMap<>();
    private final List<Execution> waiting = new ArrayList<>();
    private int nextId = 1;

    Agents(Machine machine) {
        this.machine = machine;
    }

    Run.Executor executor(int id) {
        return executors.get(id);
    }

    void node(Execution e) throws IOException {
        if (e.call.body == null) throw new IllegalStateException("node step must be called with a body");
        if (!take(e)) {
            e.log("Still waiting to schedule task");
            e.log("Waiting for next available executor" + (label(e).isEmpty() ? "" : " on ‘" + label(e) + "’"));
            waiting.add(e);
            e.release = () -> waiting.remove(e);
        }
    }

    private static String label(Execution e) {
        String l = e.mainText("label");
        return l == null ? "" : l;
    }

    private boolean take(Execution e) throws IOException {
        String label = label(e);
        String base = label.isEmpty() ? "agent" : "agent-" + label.replaceAll("[^A-Za-z0-9._-]+", "-");
        int gone = lost.getOrDefault(base, 0);
        String agent = gone == 0 ? base : base + "-" + (gone + 1);
        List<Run.Executor> inUse = executors.values().stream().filter(x -> x.ended < 0 && x.agent.equals(agent)).toList();
        if (inUse.size() >= machine.pipeline.executorsPerAgent) return false;
        Path root = machine.pipeline.home().resolve("agents").resolve(agent).resolve("workspace");
        String job = machine.environment(e.frame).get("JOB_BASE_NAME");
        Path ws = root.resolve(job);
        for (int n = 2; ; n++) {
            String tried = ws.toString();
            if (inUse.stream().noneMatch(x -> x.workspace.equals(tried))) break;
            ws = root.resolve(job + "@" + n);
        }
        Files.createDirectories(ws);
        Run.Executor x = new Run.Executor();
        x.label = label;
        x.base = base;
        x.agent = agent;
        x.workspace = ws.toString();
        x.started = machine.clock().now() - machine.clock().started();
        int id = nextId++;
        executors.put(id, x);
        machine.run.executors.add(x);
        Map<String, String> env = new LinkedHashMap<>();
        env.put("NODE_NAME", agent);
        env.put("NODE_LABELS", label.isEmpty() ? agent : agent + " " + label);
        env.put("EXECUTOR_NUMBER", String.valueOf(inUse.size()));
        env.put("WORKSPACE", x.workspace);
        env.put("WORKSPACE_TMP", x.workspace + "@tmp");
        e.log("Running on " + agent + " in " + x.workspace);
        e.release = () -> {
            release(id);
        };
        int body = machine.startBody(e, e.body(), e.frame.inNode(id, x.workspace, env), e::finish);
        bodies.put(id, body);
        return true;
    }

    private void release(int id) {
        Run.Executor x = executors.get(id);
        if (x.ended < 0) x.ended = machine.clock().now() - machine.clock().started();
        bodies.remove(id);
        // Jenkins ends what a build left running on an executor when it lets go of it
        machine.shell.endOf(id);
        for (Execution w : new ArrayList<>(waiting)) {
            try {
                waiting.remove(w);
                if (!take(w)) waiting.add(w);
            } catch (IOException t) {
                w.failure(t);
            }
        }
    }

    /** The directory that a step works in. */
    Path dir(Execution e) throws IOException, MissingContextVariableException {
        if (e.frame.executor == null) throw new MissingContextVariableException("hudson.FilePath");
        Run.Executor x = executors.get(e.frame.executor);
        if (x.lost) {
            throw new IOException("Unable to create live FilePath for " + x.agent + "; " + x.agent + " was marked offline: Connection was broken");
        }
        Path dir = Path.of(e.frame.dir);
        Files.createDirectories(dir);
        return dir;
    }

    Path temporary(Execution e) throws IOException, MissingContextVariableException {
        dir(e);
        Path tmp = Path.of(executors.get(e.frame.executor).workspace + "@tmp");
        Files.createDirectories(tmp);
        return tmp;
    }

    /** The agent of this step disappears: its processes and its disk with it; what ran on it is interrupted. */
    void lose(Execution e) {
        if (e.frame.executor == null) throw new IllegalStateException("no agent is held at step " + e.record);
        Run.Executor gone = executors.get(e.frame.executor);
        lost.merge(gone.base, 1, Integer::sum);
        FlowInterruptedException cause =
            new FlowInterruptedException(Result.ABORTED, false, new CauseOfInterruption.Described("Agent was removed"));
        for (Map.Entry<Integer, Run.Executor> x : executors.entrySet()) {
            if (!x.getValue().agent.equals(gone.agent) || x.getValue().ended >= 0) continue;
            x.getValue().lost = true;
            machine.shell.kill(x.getKey());
            Files2.deleteTree(Path.of(x.getValue().workspace));
            Files2.deleteTree(Path.of(x.getValue().workspace + "@tmp"));
            Integer body = bodies.get(x.getKey());
            if (body == null) continue;
            machine.log.line(null, gone.agent + " has been removed for a while, assuming it is not coming back");
            for (Execution inside : machine.innermostUnder(body)) machine.end(inside, new Outcome(null, cause));
        }
    }
}
