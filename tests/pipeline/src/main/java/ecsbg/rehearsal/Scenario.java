package ecsbg.rehearsal;

import ecsbg.pipeline.Interruption;
import ecsbg.pipeline.Run;
import java.util.ArrayList;
import java.util.List;

/** What happens to a deployment. `step`: where, of those that happen at a step; else null. */
record Scenario(Kind kind, String step) {
    enum Kind {
        GOOD("good", "the new version is as good as the old one"),
        UNHEALTHY("unhealthy", "the new version never becomes healthy"),
        ERRORS("errors", "the new version fails every fifth request"),
        SLOW("slow", "the new version takes 0.8 seconds for each request"),
        THROTTLED("throttled", "AWS throttles one call in three"),
        ABORT("abort", "somebody aborts the build"),
        AGENT_LOST("agent-lost", "the agent is lost, with all that runs on it");

        final String word;
        final String meaning;

        Kind(String word, String meaning) {
            this.word = word;
            this.meaning = meaning;
        }

        boolean happensAtAStep() {
            return this == ABORT || this == AGENT_LOST;
        }
    }

    /** Several, separated by commas. */
    static List<Scenario> parse(String text) throws Wrong {
        List<Scenario> all = new ArrayList<>();
        for (String one : text.split(",", -1)) all.add(one(one.strip()));
        return all;
    }

    private static Scenario one(String text) throws Wrong {
        int at = text.indexOf('@');
        String word = at < 0 ? text : text.substring(0, at);
        String step = at < 0 ? null : text.substring(at + 1).strip();
        for (Kind kind : Kind.values()) {
            if (!kind.word.equals(word)) continue;
            if (kind.happensAtAStep() && (step == null || step.isEmpty())) {
                throw new Wrong("SCENARIO: " + word + " needs a step: " + word + "@swap-live, a stage's name, or a step's number");
            }
            if (!kind.happensAtAStep() && step != null) throw new Wrong("SCENARIO: " + word + " is not of a step: without @" + step);
            return new Scenario(kind, step);
        }
        throw new Wrong("SCENARIO: '" + text + "' is not one of good, unhealthy, errors, slow, throttled, abort@STEP, agent-lost@STEP");
    }

    /** As the stand-in's knob `outcome` has it: what becomes of tasks from now on; null: nothing. */
    String outcome() {
        return switch (kind) {
            case UNHEALTHY -> "unhealthy";
            case ERRORS -> "errors-20";
            case SLOW -> "slow-800ms";
            case GOOD, THROTTLED, ABORT, AGENT_LOST -> null;
        };
    }

    /** What happens at the step; null where nothing does. */
    Interruption interruption() {
        if (!kind.happensAtAStep()) return null;
        boolean lost = kind == Kind.AGENT_LOST;
        return Interruption.at(step, s -> isAt(s) && (!lost || s.agent != null), lost ? Interruption.Kind.AGENT_LOST : Interruption.Kind.ABORT, Interruption.Form.DURING);
    }

    /** A step by its number, the action of ecs-bg that it does, its name, or the stage that it is the first in. */
    boolean isAt(Run.Step s) {
        if (step.matches("\\d+")) return s.number == Integer.parseInt(step);
        if (s.block) return false;
        String action = "ecs-bg " + step;
        boolean does = s.label != null && (s.label.equals(action) || s.label.startsWith(action + " "));
        return does || s.name.equals(step) || s.stages.stream().anyMatch(stage -> stage.equals(step) || stage.endsWith(": " + step));
    }

    @Override
    public String toString() {
        return step == null ? kind.word : kind.word + "@" + step;
    }
}
