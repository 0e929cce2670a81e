package ecsbg.library;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ecsbg.pipeline.Interruption;
import ecsbg.pipeline.Interruption.Kind;
import ecsbg.pipeline.Pipeline;
import ecsbg.pipeline.Run;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** A deployment that is disturbed at one place, and what has to hold afterwards. */
final class Disturbed {
    final World w;
    private final Undisturbed.Place place;
    private final Kind kind;
    private final Path home;
    private final List<Interruption> more = new ArrayList<>();
    private Interruption first;
    Run run;

    Disturbed(Path home, Undisturbed.Place place, Kind kind) {
        this.home = home;
        this.place = place;
        this.kind = kind;
        this.w = new Example(home, place.of().settings).w;
    }

    /** Disturbed once more, while a later step makes its first call of this operation: of a timeout, its grace ends. */
    Disturbed then(int step, String operation, String when) {
        Path marker = home.resolve("later-call");
        boolean[] ordered = {false};
        // counted from where something has gone wrong: how many calls there were before that is not certain
        w.setting(p -> p.onStageEnd(s -> {
            if (s.outcome.equals("ok") || ordered[0]) return;
            ordered[0] = true;
            w.account.hook(operation, 1, when, marker);
        }));
        more.add(interruption(step, Interruption.Form.DURING).when(marker));
        return this;
    }

    /** When it was, by the wall's clock, since the epoch. */
    long at() {
        return first.at();
    }

    private Interruption interruption(int step, Interruption.Form form) {
        return switch (kind) {
            case ABORT -> Interruption.abort(step, form);
            case DEADLINE -> Interruption.deadline(step, form);
            case AGENT_LOST -> Interruption.agentLost(step, form);
        };
    }

    /** Runs it once to see which step the rollback is, and its calls; then disturbs that one too, at the first of its calls or at each kind. */
    static void twice(Path home, Undisturbed.Place place, Kind kind, boolean everywhere) {
        Disturbed once = new Disturbed(home.resolve("once"), place, kind).run();
        // on an agent that is lost there is one that cannot even start
        List<Run.Step> rollbacks = once.run.steps("sh").stream().filter(s -> String.valueOf(s.label).startsWith("ecs-bg rollback")).toList();
        int rollback = rollbacks.get(rollbacks.size() - 1).number;
        List<String> calls = Undisturbed.mutations(once.w, once.run).get(rollback).stream().map(Undisturbed.Call::operation).distinct().toList();
        for (String call : everywhere ? calls : calls.subList(0, 1)) {
            for (String when : everywhere ? List.of("before", "after") : List.of("after")) {
                Disturbed d = new Disturbed(home.resolve(when + call), place, kind).then(rollback, call, when).run();
                assertEquals(rollbacks.size() + 1, World.actions(d.run).stream().filter("rollback"::equals).count(), () -> "another executor goes on\n" + d.run.text());
                d.endedWell();
            }
        }
    }

    Disturbed run() {
        Interruption i = first = interruption(place.number(), place.form());
        Path marker = Undisturbed.marker(home);
        if (place.call() != null) {
            w.account.hook(place.call().operation(), place.call().nth(), place.when(), marker);
            i.when(marker);
        } else if (place.step().contains("(ecs-bg") && place.form() == Interruption.Form.DURING && !reports()) {
            // none that changes something: the first one it makes
            w.setting(p -> p.onStepStart(step -> {
                if (step.number == place.number()) w.account.hook("*", 1, "before", marker);
            }));
            i.when(marker);
        } else {
            i.after(10);   // it is over soon
        }
        Pipeline p = w.pipeline(place.of().script).interrupt(i);
        for (Interruption next : more) p.interrupt(next);
        run = World.checked(p.run());
        assertTrue(i.happened(), run.text());
        for (Interruption next : more) assertTrue(next.happened(), next + "\n" + run.text());
        return this;
    }

    /** Live on a healthy version at every instant, PRIMARY agrees, nothing is orphaned, the build ended as it was told to, and says why. */
    void endedWell() {
        try {
            check();
        } catch (AssertionError e) {
            throw new AssertionError(kind + " " + place + ": " + e.getMessage() + "\n" + run.text(), e);
        }
    }

    private void check() {
        State s = w.state();
        s.wasSoundThroughout();
        TreeSet<String> sets = s.ids();
        if (forgotten()) {
            s.isSettledOn(World.OURS, World.OURS);
            // a timeout, too, where nothing comes after it
            assertTrue(run.result.equals("ABORTED") || kind == Kind.DEADLINE && run.result.equals("SUCCESS"), run.result);
            reported(List.of("promoted"));
            return;
        }
        // promises 13 to 15
        if (place.inCleanup()) {
            assertTrue(Set.of(Set.of(World.OURS), Set.of(World.OURS, World.OLD)).contains(Set.copyOf(sets)), "task sets: " + sets);
            s.isSettledOn(World.OURS, sets.toArray(new String[0]));
        } else {
            s.isSettledOn(World.OLD, World.OLD);
        }
        if (kind == Kind.AGENT_LOST && reports()) {
            assertEquals("SUCCESS", run.result, "all was done, and another agent archives the report");
            reported(List.of("promoted"));
            return;
        }
        assertEquals("ABORTED", run.result);
        // promise 16
        List<String> end = run.log.subList(Math.max(0, run.log.size() - 15), run.log.size());
        String cause = switch (kind) {
            case ABORT -> "Aborted by admin";
            case DEADLINE -> "Timeout has been exceeded";
            case AGENT_LOST -> "Agent was removed";
        };
        assertTrue(end.stream().anyMatch(l -> l.contains(cause) || l.contains(": interrupted: ")), "the last lines name the cause: " + end);
        if (place.beforeDeployment()) {
            assertEquals(List.of(), run.archived, "the deployment has not begun");
            return;
        }
        if (!place.inCleanup()) assertTrue(run.logged("ended in phase "), "the last words are there");
        reported(place.inCleanup() ? List.of("promoted") : List.of("rolledBack", "refused"));
    }

    private boolean reports() {
        return place.step().contains("ecs-bg report");
    }

    /**
     * A process that ends well in the instant in which it is stopped has its step end well: Jenkins forgets that somebody stopped it. What
     * has run out of time is stopped once more, after a minute.
     */
    private boolean forgotten() {
        return (kind == Kind.ABORT || kind == Kind.DEADLINE && reports()) && place.isSh() && place.form() == Interruption.Form.DURING
            && place.call() == null && run.steps.get(place.number() - 1).outcome.equals("ok");
    }

    /** Every end is archived, but where the archiving itself was what was stopped. */
    private void reported(List<String> outcomes) {
        if (run.archived.isEmpty() && place.step().matches("writeFile|archiveArtifacts|node|stage|echo")) return;
        Map<String, Object> report = World.report(run);
        assertTrue(outcomes.contains(report.get("outcome")), "outcome " + report.get("outcome"));
    }
}
