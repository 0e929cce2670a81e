package ecsbg.pipeline;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** A pipeline to run: the script, the library, and the world around it. Reusable; each {@link #run} is a build of its own. */
public final class Pipeline {
    final String script;
    Path vars;
    Path resources;
    Path source;
    String commit = "0123456789abcdef0123456789abcdef01234567";
    PrintStream out;
    boolean stepLines = true;
    boolean realTime;
    Approver approver = Approver.nobody();
    int executorsPerAgent = 2;
    long stopWait = 20_000;
    final Map<String, String> env = new LinkedHashMap<>();
    final Map<String, Object> params = new LinkedHashMap<>();
    final Map<String, Step> extraSteps = new LinkedHashMap<>();
    final List<Interruption> interruptions = new ArrayList<>();
    Consumer<Run.Stage> stageEnd = s -> {};
    Consumer<Run.Step> stepStart = s -> {};
    private Path home;

    private Pipeline(String script) {
        this.script = script;
    }

    public static Pipeline of(String script) {
        return new Pipeline(script);
    }

    public static Pipeline of(Path jenkinsfile) {
        try {
            return new Pipeline(Files.readString(jenkinsfile));
        } catch (IOException x) {
            throw new UncheckedIOException(x);
        }
    }

    /** vars/ and resources/ of the library; either may be null. */
    public Pipeline library(Path vars, Path resources) {
        this.vars = vars;
        this.resources = resources;
        return this;
    }

    /** What `checkout scm` copies into the workspace. */
    public Pipeline source(Path dir) {
        this.source = dir;
        return this;
    }

    /** What `checkout` returns as GIT_COMMIT. */
    public Pipeline commit(String sha) {
        this.commit = sha;
        return this;
    }

    /** Of Jenkins and its agents: seen by `env` and by `sh`. Nothing of this process' own environment is, but PATH, HOME, LANG, TMPDIR and USER. */
    public Pipeline env(String name, String value) {
        env.put(name, value);
        return this;
    }

    public Pipeline env(Map<String, String> more) {
        env.putAll(more);
        return this;
    }

    public Pipeline param(String name, Object value) {
        params.put(name, value);
        return this;
    }

    public Pipeline approver(Approver approver) {
        this.approver = approver;
        return this;
    }

    public Pipeline interrupt(Interruption i) {
        interruptions.add(i);
        return this;
    }

    public Pipeline abortAt(int step, Interruption.Form form) {
        return interrupt(Interruption.abort(step, form));
    }

    /** Of each label. */
    public Pipeline executorsPerAgent(int n) {
        this.executorsPerAgent = n;
        return this;
    }

    /** How long a process may go on after SIGTERM before the step ends without it. Jenkins' own value, and the default, is 20 seconds. */
    public Pipeline stopWait(long millis) {
        this.stopWait = millis;
        return this;
    }

    /** Waits for what a `sleep` or `timeout` waits for, instead of winding the clock on: where something else goes on meanwhile. */
    public Pipeline realTime() {
        this.realTime = true;
        return this;
    }

    /** A step of another plugin. */
    public Pipeline step(String name, Step step) {
        extraSteps.put(name, step);
        return this;
    }

    /** The log, as it grows. */
    public Pipeline log(PrintStream out) {
        this.out = out;
        return this;
    }

    /** Whether the log has a `[Pipeline] step` line for each step. */
    public Pipeline stepLines(boolean wanted) {
        this.stepLines = wanted;
        return this;
    }

    /** Just before each step starts. A later one replaces an earlier one, as of {@link #onStageEnd}. */
    public Pipeline onStepStart(Consumer<Run.Step> seen) {
        this.stepStart = seen;
        return this;
    }

    public Pipeline onStageEnd(Consumer<Run.Stage> seen) {
        this.stageEnd = seen;
        return this;
    }

    /** Where agents' workspaces, the archive and stashes are. Default: a new temporary directory. */
    public Pipeline home(Path dir) {
        this.home = dir.toAbsolutePath();
        return this;
    }

    Path home() {
        try {
            if (home == null) home = Files.createTempDirectory("pipeline");
            else Files.createDirectories(home);
        } catch (IOException x) {
            throw new UncheckedIOException(x);
        }
        return home;
    }

    Map<String, String> environment() {
        Map<String, String> e = new LinkedHashMap<>();
        for (String k : List.of("PATH", "HOME", "LANG", "TMPDIR", "USER")) {
            if (System.getenv(k) != null) e.put(k, System.getenv(k));
        }
        e.put("JENKINS_URL", "https://jenkins.example/");
        e.put("JOB_NAME", "shop/web");
        e.put("JOB_BASE_NAME", "web");
        e.put("BUILD_NUMBER", String.valueOf(Build.NUMBER));
        e.put("BUILD_ID", String.valueOf(Build.NUMBER));
        e.put("BUILD_TAG", "jenkins-shop-web-" + Build.NUMBER);
        e.put("BUILD_DISPLAY_NAME", "#" + Build.NUMBER);
        e.put("BUILD_URL", "https://jenkins.example/job/shop/job/web/" + Build.NUMBER + "/");
        e.put("JOB_URL", "https://jenkins.example/job/shop/job/web/");
        e.putAll(env);
        return e;
    }

    public Run run() {
        return new Machine(this).execute();
    }
}
