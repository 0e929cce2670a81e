package ecsbg.pipeline;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Runs a Jenkinsfile from the shell, and shows stages, steps and times. */
public final class Main {
    private static final String USAGE = """
        usage: run [options] JENKINSFILE
          --vars DIR, --resources DIR   the library (default: those of this checkout)
          --source DIR                  what `checkout scm` copies (default: the Jenkinsfile's directory)
          --workspace DIR               where agents, archive and stashes are (default: a new temporary directory)
          --env NAME=VALUE              environment of Jenkins and its agents; NAME alone hands on this process' own
          --param NAME=VALUE            parameter of the build
          --commit SHA                  GIT_COMMIT that `checkout` returns
          --approve WHO                 who answers every input (default: nobody, so that its timeout expires)
          --choose NAME=VALUE           value of an input's parameter, where it is asked for
          --reject WHO                  who rejects every input
          --abort STEP[:before|during|after], --deadline STEP[:…], --lose STEP[:…]   interruptions, by the step's number
          --report FILE                 writes what happened as JSON
          --quiet                       no `[Pipeline] step` lines and no table of steps
        The exit code is 0 for SUCCESS, 1 for FAILURE, 2 for usage, 3 for what the sandbox refused, 4 for UNSTABLE, 5 for ABORTED.
        """;

    private Main() {}

    public static void main(String[] given) throws IOException {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
        try {
            System.exit(run(new ArrayDeque<>(Arrays.asList(given)), out));
        } catch (IllegalArgumentException x) {
            System.err.println(x.getMessage());
            System.err.print(USAGE);
            System.exit(2);
        }
    }

    private static int run(ArrayDeque<String> args, PrintStream out) throws IOException {
        Path jenkinsfile = null, vars = null, resources = null, source = null, report = null;
        boolean quiet = false;
        String approve = null, reject = null;
        Map<String, Object> chosen = new LinkedHashMap<>();
        Map<String, String> env = new LinkedHashMap<>();
        Map<String, Object> params = new LinkedHashMap<>();
        List<Interruption> interruptions = new java.util.ArrayList<>();
        Path home = null;
        String commit = null;
        while (!args.isEmpty()) {
            String a = args.poll();
            switch (a) {
                case "--jenkinsfile" -> jenkinsfile = Path.of(value(args, a));
                case "--vars" -> vars = Path.of(value(args, a));
                case "--resources" -> resources = Path.of(value(args, a));
                case "--source" -> source = Path.of(value(args, a));
                case "--workspace" -> home = Path.of(value(args, a));
                case "--report" -> report = Path.of(value(args, a));
                case "--commit" -> commit = value(args, a);
                case "--env" -> {
                    String v = value(args, a);
                    if (v.contains("=")) pair(v, env);
                    else if (System.getenv(v) != null) env.put(v, System.getenv(v));
                }
                case "--param" -> pair(value(args, a), params);
                case "--choose" -> pair(value(args, a), chosen);
                case "--approve" -> approve = value(args, a);
                case "--reject" -> reject = value(args, a);
                case "--abort" -> interruptions.add(interruption(value(args, a), Interruption.Kind.ABORT));
                case "--deadline" -> interruptions.add(interruption(value(args, a), Interruption.Kind.DEADLINE));
                case "--lose" -> interruptions.add(interruption(value(args, a), Interruption.Kind.AGENT_LOST));
                case "--quiet" -> quiet = true;
                case "--help", "-h" -> {
                    out.print(USAGE);
                    out.flush();
                    return 0;
                }
                default -> {
                    if (a.startsWith("-") || jenkinsfile != null) throw new IllegalArgumentException("unknown argument: " + a);
                    jenkinsfile = Path.of(a);
                }
            }
        }
        if (jenkinsfile == null) throw new IllegalArgumentException("no Jenkinsfile given");
        if (!Files.isRegularFile(jenkinsfile)) throw new IllegalArgumentException("no such file: " + jenkinsfile);
        Pipeline p = Pipeline.of(jenkinsfile).library(vars, resources).log(out).stepLines(!quiet).env(env)
            .source(source == null ? jenkinsfile.toAbsolutePath().getParent() : source)
            .approver(approver(approve, reject, chosen));
        params.forEach(p::param);
        interruptions.forEach(p::interrupt);
        if (home != null) p.home(home);
        if (commit != null) p.commit(commit);
        Run r = p.run();
        show(r, out, quiet);
        if (report != null) Files.writeString(report, Report.json(r));
        if (!r.refusals.isEmpty() || !r.mismatches.isEmpty()) return 3;
        return switch (r.result) {
            case "SUCCESS" -> 0;
            case "UNSTABLE" -> 4;
            case "ABORTED" -> 5;
            default -> 1;
        };
    }

    private static Approver approver(String approve, String reject, Map<String, Object> chosen) {
        return q -> {
            if (reject != null) return Approver.Answer.reject(reject);
            if (approve == null) return Approver.Answer.none();
            Map<String, Object> fitting = new LinkedHashMap<>();
            for (Describable d : q.parameters) {
                if (chosen.containsKey(d.name())) fitting.put(d.name(), chosen.get(d.name()));
            }
            return Approver.Answer.approve(approve, fitting);
        };
    }

    private static Interruption interruption(String given, Interruption.Kind kind) {
        String[] parts = given.split(":");
        Interruption.Form form = parts.length < 2 ? Interruption.Form.DURING : Interruption.Form.valueOf(parts[1].toUpperCase(java.util.Locale.ENGLISH));
        int step = Integer.parseInt(parts[0]);
        return switch (kind) {
            case ABORT -> Interruption.abort(step, form);
            case DEADLINE -> Interruption.deadline(step, form);
            case AGENT_LOST -> Interruption.agentLost(step, form);
        };
    }

    private static String value(ArrayDeque<String> args, String option) {
        String v = args.poll();
        if (v == null) throw new IllegalArgumentException(option + " needs a value");
        return v;
    }

    private static <T> void pair(String s, Map<String, T> into) {
        int eq = s.indexOf('=');
        if (eq <= 0) throw new IllegalArgumentException("expected NAME=VALUE: " + s);
        @SuppressWarnings("unchecked")
        T v = (T) s.substring(eq + 1);
        into.put(s.substring(0, eq), v);
    }

    private static void show(Run r, PrintStream out, boolean quiet) {
        if (!quiet) {
            out.printf("%n%5s  %-16s %-34s %-18s %9s %9s  %s%n", "step", "name", "label", "agent", "at", "real", "outcome");
            for (Run.Step s : r.steps) {
                out.printf("%5d  %-16s %-34s %-18s %8.1fs %7dms  %s%n", s.number, s.name, cut(s.label, 34), cut(s.agent, 18),
                    s.started / 1000.0, s.real, cut(s.outcome, 60));
            }
        }
        if (!r.stages.isEmpty()) {
            out.printf("%n%-40s %10s %10s  %s%n", "stage", "time", "real", "outcome");
            for (Run.Stage s : r.stages) {
                out.printf("%-40s %9.1fs %8dms  %s%n", cut(s.name, 40), (s.ended - s.started) / 1000.0, s.real, cut(s.outcome, 60));
            }
        }
        for (Run.Input i : r.inputs) out.println("input \"" + cut(i.message, 110) + "\": " + i.answer + (i.held == null ? "" : ", holding an executor of " + i.held));
        for (String s : r.refusals) out.println("refused by the sandbox: " + s);
        for (String s : r.mismatches) out.println("CPS mismatch: " + s);
        out.printf("%nresult %s; %d steps, %d sh; saved and restored %d times (largest %d bytes); %.1f s real, clock wound on %.1f s%n",
            r.result, r.steps.size(), r.steps("sh").size(), r.saves, r.largestSave, r.realMillis / 1000.0, r.woundMillis / 1000.0);
        if (!r.archived.isEmpty()) out.println("archived in " + r.archive + ": " + r.archived);
        out.flush();
    }

    private static String cut(String s, int max) {
        if (s == null) return "";
        String one = s.replace('\n', ' ');
        return one.length() <= max ? one : one.substring(0, max - 1) + "…";
    }
}
