package ecsbg.pipeline;

import com.cloudbees.groovy.cps.Outcome;
import groovy.json.JsonOutput;
import hudson.AbortException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * The `sh` step: the script is a file, run by `sh -xe` unless it names its interpreter, in a process group of its own. Its output goes to
 * files, so that a child which outlives the shell does not keep the step waiting: as in Jenkins, the step ends with the shell.
 */
final class Shell {
    private static final ExecutorService WAITERS = Executors.newCachedThreadPool(r -> {
        Thread t = new Thread(r, "sh");
        t.setDaemon(true);
        return t;
    });
    private static final long LAST_WAIT = 6_000;
    private final Machine machine;
    private final Map<Running, Integer> running = new LinkedHashMap<>();
    private int count;

    Shell(Machine machine) {
        this.machine = machine;
    }

    private static final class Running {
        Process process;
        Tail log;
        Path out;
        Throwable cause;
        Clock.Timer lastWord;
        boolean over;

        /** To the whole group: a shell's children get it too. On a busy machine it may not be a group yet, right after its start. */
        void signal(String name) {
            try {
                for (int attempt = 0; attempt < 100; attempt++) {
                    int exit = new ProcessBuilder("kill", "-" + name, "--", "-" + process.pid())
                        .redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor();
                    if (exit == 0 || !process.isAlive()) return;
                    Thread.sleep(10);
                }
            } catch (IOException x) {
                throw new IllegalStateException(x);
            } catch (InterruptedException x) {
                Thread.currentThread().interrupt();
            }
        }
    }

    void start(Execution e) throws Exception {
        String script = e.mainText("script");
        if (script == null) throw new IllegalArgumentException("sh: script is missing");
        boolean returnStdout = e.flag("returnStdout", false);
        boolean returnStatus = e.flag("returnStatus", false);
        if (returnStdout && returnStatus) throw new IllegalArgumentException("You may not select both returnStdout and returnStatus.");
        Charset charset = e.arg("encoding") == null ? StandardCharsets.UTF_8 : Charset.forName(e.text("encoding"));
        Path dir = machine.agents.dir(e);
        launch(e, script, dir, machine.agents.temporary(e), returnStdout, returnStatus, charset, machine.environment(e.frame));
    }

    /** A script in a step's place: what it prints is the step's result. It needs no agent, as many steps do not. */
    void answer(Execution e, String script) throws Exception {
        boolean held = e.frame.executor != null;
        Path dir = held ? machine.agents.dir(e) : machine.pipeline.home();
        Map<String, String> environment = machine.environment(e.frame);
        environment.put("STEP_ARGUMENTS", JsonOutput.toJson(e.args().containsKey(null) ? e.args().get(null) : e.args()));
        launch(e, script, dir, held ? machine.agents.temporary(e) : dir.resolve("answers"), true, false, StandardCharsets.UTF_8, environment);
    }

    private void launch(Execution e, String script, Path dir, Path tmp, boolean returnStdout, boolean returnStatus, Charset charset,
            Map<String, String> environment) throws Exception {
        machine.pipeline.beforeSh.starting(e.record, dir, environment);
        Path control = tmp.resolve("durable-" + ++count);
        Files.createDirectories(control);
        Path file = control.resolve("script.sh");
        Files.write(file, script.getBytes(charset));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path log = Files.write(control.resolve("jenkins-log.txt"), new byte[0]);
        Path out = control.resolve("output.txt");
        Files.deleteIfExists(out);
        List<String> command = new ArrayList<>(List.of("setsid"));
        command.addAll(interpreter(script));
        command.add(file.toString());
        ProcessBuilder b = new ProcessBuilder(command);
        b.directory(dir.toFile());
        b.environment().clear();
        b.environment().putAll(environment);
        b.environment().put("PWD", dir.toString());
        b.redirectInput(new java.io.File("/dev/null"));
        b.redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
        b.redirectOutput(ProcessBuilder.Redirect.appendTo((returnStdout ? out : log).toFile()));
        Running r = new Running();
        r.out = out;
        r.log = new Tail(log, charset, line -> e.log(line));
        r.process = b.start();
        running.put(r, e.frame.executor);
        machine.busy(1);
        e.stop = cause -> stop(e, r, cause);
        WAITERS.execute(() -> {
            int code;
            try {
                while (!r.process.waitFor(20, TimeUnit.MILLISECONDS)) r.log.drain(false);
                code = r.process.exitValue();
            } catch (InterruptedException x) {
                Thread.currentThread().interrupt();
                code = -1;
            }
            int exit = code;
            machine.post(() -> exited(e, r, exit, returnStdout, returnStatus, charset));
        });
    }

    /** Named, not left to the kernel: a process that another thread starts in this instant may hold the new file open for writing, and it is "busy" then. */
    private static List<String> interpreter(String script) {
        if (!script.startsWith("#!")) return List.of("sh", "-xe");
        return List.of(script.lines().findFirst().orElseThrow().substring(2).strip().split("\\s+", 2));
    }

    private void exited(Execution e, Running r, int exit, boolean returnStdout, boolean returnStatus, Charset charset) {
        if (!r.over) {
            r.over = true;
            machine.busy(-1);
        }
        running.remove(r);
        machine.clock().cancel(r.lastWord);
        if (e.done) return;
        r.log.drain(true);
        if (exit == 0 || returnStatus && r.cause == null) {
            // also after an interruption: a process that ends well has the step end well, and the interruption is forgotten, as in Jenkins
            e.success(returnStatus ? (Object) exit : returnStdout ? text(r.out, charset) : null);
            return;
        }
        if (returnStdout) {
            String printed = text(r.out, charset);
            if (!printed.isEmpty()) e.log(printed.stripTrailing());
        }
        if (r.cause != null) {
            e.log("script returned exit code " + exit);
            e.failure(r.cause);
        } else {
            e.failure(new AbortException("script returned exit code " + exit));
        }
    }

    private static String text(Path file, Charset charset) {
        try {
            return Files.exists(file) ? new String(Files.readAllBytes(file), charset) : "";
        } catch (IOException x) {
            throw new IllegalStateException(x);
        }
    }

    private void stop(Execution e, Running r, Throwable cause) {
        r.cause = cause;
        e.log("Sending interrupt signal to process");
        long wait = machine.pipeline.stopWait;
        r.lastWord = machine.clock().in(wait, "a process has not stopped", () -> {
            if (e.done) return;
            e.log("After " + wait / 1000 + "s process did not stop");
            r.signal("KILL");
            machine.end(e, new Outcome(null, cause));
        });
        r.signal("TERM");
    }

    /** All of an executor's processes are gone at once, with the agent. */
    void kill(int executor) {
        running.forEach((r, x) -> {
            if (x == executor) r.signal("KILL");
        });
    }

    /** What is left running when an executor is let go. */
    void endOf(int executor) {
        running.forEach((r, x) -> {
            if (x == executor) leave(r, "TERM");
        });
    }

    /** At the end of the build: what is still there is asked to stop, waited for a little, and killed. */
    void killAll() {
        if (running.isEmpty()) return;
        running.keySet().forEach(r -> leave(r, "TERM"));
        long until = System.nanoTime() + Math.min(machine.pipeline.stopWait, LAST_WAIT) * 1_000_000;
        for (Running r : running.keySet()) {
            try {
                r.process.waitFor(Math.max(0, until - System.nanoTime()), TimeUnit.NANOSECONDS);
            } catch (InterruptedException x) {
                Thread.currentThread().interrupt();
            }
            r.signal("KILL");
        }
    }

    /** Nobody waits for it any more, so the clock need not either. */
    private void leave(Running r, String signal) {
        r.signal(signal);
        if (!r.over) {
            r.over = true;
            machine.busy(-1);
        }
    }

    /** Reads what was added to a file, line by line. */
    private static final class Tail {
        private final Path file;
        private final Charset charset;
        private final java.util.function.Consumer<String> to;
        private long at;

        Tail(Path file, Charset charset, java.util.function.Consumer<String> to) {
            this.file = file;
            this.charset = charset;
            this.to = to;
        }

        synchronized void drain(boolean last) {
            if (!Files.exists(file)) return;
            try (RandomAccessFile f = new RandomAccessFile(file.toFile(), "r")) {
                if (f.length() <= at) return;
                byte[] more = new byte[(int) (f.length() - at)];
                f.seek(at);
                f.readFully(more);
                int end = more.length;
                if (!last) {
                    while (end > 0 && more[end - 1] != '\n') end--;
                }
                if (end == 0) return;
                at += end;
                String text = new String(more, 0, end, charset);
                to.accept(text.endsWith("\n") ? text.substring(0, text.length() - 1) : text);
            } catch (IOException x) {
                to.accept("[runner] " + x);
            }
        }
    }
}
