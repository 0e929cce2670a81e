package ecsbg.pipeline;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What a run of a pipeline did. Times are milliseconds of the pipeline's clock (which is wound on) since its start, `real` ones of the wall's. */
public final class Run {
    public String result;
    public String description;
    public String displayName;
    /** What ended the script, or null. */
    public Throwable failure;
    public List<String> log = List.of();
    public final List<Step> steps = new ArrayList<>();
    public final List<Stage> stages = new ArrayList<>();
    public final List<Input> inputs = new ArrayList<>();
    public final List<Executor> executors = new ArrayList<>();
    /** What the sandbox refused, also where the script swallowed the exception. */
    public final List<String> refusals = new ArrayList<>();
    /** Calls of transformed code from code that is not, which Jenkins warns about and which do not do what they seem to. */
    public final List<String> mismatches = new ArrayList<>();
    /** Signatures of the list that were used. */
    public final java.util.Set<String> permitted = new java.util.TreeSet<>();
    /** How often the program was saved and restored, and the most bytes it took. */
    public int saves;
    public long largestSave;
    public long realMillis;
    /** By how much the clock was wound on. */
    public long woundMillis;
    public Path home;
    public Path archive;
    public List<String> archived = List.of();

    /** One step, in the order of their starts. */
    public static final class Step {
        public int number;
        public String name;
        public String label;
        public Map<String, Object> args;
        public List<String> stages;
        public String branch;
        /** Agent whose executor was held, or null outside `node`. */
        public String agent;
        public boolean block;
        /** It went on after its start, so that an interruption could meet it while it ran. */
        public boolean interruptible;
        public long started;
        public long ended = -1;
        public long real;
        /** By the wall's clock, since the epoch. */
        public long startedReal;
        /** Bytes of the program, saved where this step is called, with what it is given (which Jenkins does not save). */
        public long saved;
        /** "ok", or the exception that ended it. */
        public String outcome;

        @Override
        public String toString() {
            return number + " " + name + (label == null ? "" : " (" + label + ")") + " -> " + outcome;
        }
    }

    public static final class Stage {
        public String name;
        public String branch;
        public long started;
        public long ended = -1;
        public long real;
        long startedReal;
        public String outcome;
    }

    /** One question, and how it was answered. */
    public static final class Input {
        public String id;
        public String message;
        public String ok;
        public String submitter;
        public String submitterParameter;
        public List<Describable> parameters = List.of();
        /** The build's description while it waited. */
        public String buildDescription;
        public List<String> stages;
        /** The agent whose executor was held while it waited, or null. */
        public String held;
        public String answer;
        public long started;
        public long ended = -1;
        /** What is shown beside a parameter, with its lines: of the message, Jenkins folds them. */
        public String description(String parameter) {
            return parameters.stream().filter(p -> p.name().equals(parameter)).map(p -> String.valueOf(p.args().get("description"))).findFirst().orElseThrow();
        }

        /** Those who tried and were not among the submitters. */
        public final List<String> turnedAway = new ArrayList<>();
    }

    /** One stretch on one executor. */
    public static final class Executor {
        public String label;
        public String agent;
        public String workspace;
        public long started;
        public long ended = -1;
        /** Whether an input waited inside it. */
        public boolean heldByInput;
        public boolean lost;
        String base;
    }

    public String text() {
        return String.join("\n", log);
    }

    public boolean logged(String part) {
        return log.stream().anyMatch(l -> l.contains(part));
    }

    public List<Step> steps(String name) {
        return steps.stream().filter(s -> s.name.equals(name)).toList();
    }

    public List<String> stageNames() {
        return stages.stream().map(s -> s.name).toList();
    }
}
