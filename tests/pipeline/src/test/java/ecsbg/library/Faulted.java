package ecsbg.library;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ecsbg.aws.Json;
import ecsbg.pipeline.Pipeline;
import ecsbg.pipeline.Run;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A deployment of Jenkinsfile.example at one call of which AWS has a fault, and what has to hold afterwards. */
record Faulted(Undisturbed of, Undisturbed.Made call, Fault fault, Lasting lasting) {
    enum Lasting {
        ONCE("once", 1),
        UNTIL_SPENT("until the retries are spent", 1000);

        private final String words;
        private final int times;

        Lasting(String words, int times) {
            this.words = words;
            this.times = times;
        }
    }

    /** The warning that the test listener is not where it should be. */
    private static final String NOT_MOVED = "test-listener";
    /** The warning that preflight could not see whether the image is there. */
    private static final String UNCHECKED = "image-unchecked";
    /** So many lines are the last ones of a log. */
    private static final int LAST = 15;

    @Override
    public String toString() {
        return call + ": " + fault.kind + " " + lasting.words;
    }

    /** Runs it; where not all went well, also the build that comes next. */
    void check(Path home) {
        Example example = new Example(home, settings());
        Run run = build(example.w);
        try {
            if (!ended(example.w, run)) again(example.w, run);
        } catch (AssertionError e) {
            throw new AssertionError(this + ": " + e.getMessage() + "\n" + run.text(), e);
        }
    }

    private String[] settings() {
        List<String> all = new ArrayList<>(List.of(of.settings));
        all.addAll(List.of(fault.settings()));
        // few, so that they are soon spent; throttled ones are not counted, a call's time ends them, and that of a wait one over reads
        if (lasting == Lasting.UNTIL_SPENT) all.addAll(List.of("maxAttempts: 2", "operationTimeout: 6s", "timeout: 30s"));
        return all.toArray(new String[0]);
    }

    /** The fault is there for one step: it is ordered when that begins, and gone when the next one does. */
    private Run build(World w) {
        Pipeline p = w.pipeline(of.script).onStepStart(s -> {
            if (s.number == call.step()) w.account.fault(fault.order(call.operation(), call.nth(), lasting.times));
            if (s.number == call.step() + 1) w.account.clearFaults();
        });
        return World.checked(p.run());
    }

    /** Whether all is as without the fault; else it has ended as the phase demands, and said why. */
    private boolean ended(World w, Run run) {
        List<Map<String, Object>> met = w.account.calls().stream().filter(c -> c.get("fault") != null).toList();
        assertTrue(!met.isEmpty() || call.last() && !call.mutating(), "the call was never made");
        State s = w.state();
        s.wasSoundThroughout();
        assertTrue(w.applied("RegisterTaskDefinition") <= 1, "a second revision");
        boolean passes = met.isEmpty() || lasting == Lasting.ONCE && fault.passes();
        if (passes || run.result.equals("SUCCESS")) return promoted(s, run, passes);
        endedEarly(s, run);
        return false;
    }

    private boolean promoted(State s, Run run, boolean passes) {
        assertEquals("SUCCESS", run.result, "a fault that passes");
        assertEquals("promoted", World.report(run).get("outcome"));
        s.isServedBy(World.OURS, World.OURS);
        List<String> warnings = warnings(run);
        // what an action can do without, and says so
        boolean tried = passes || !warnings.remove(NOT_MOVED);
        if (!passes) warnings.removeIf(c -> c.equals(fault.code) || c.equals(UNCHECKED));
        assertEquals(warnings(of.run), warnings, "warnings");
        if (tried) s.isSettledOn(World.OURS, World.OURS);
        return tried;
    }

    @SuppressWarnings("unchecked")
    private static List<String> warnings(Run run) {
        List<String> codes = new ArrayList<>();
        for (Map<String, Object> w : (List<Map<String, Object>>) World.report(run).get("warnings")) codes.add(String.valueOf(w.get("code")));
        return codes;
    }

    private void endedEarly(State s, Run run) {
        List<String> end = run.log.subList(Math.max(0, run.log.size() - LAST), run.log.size());
        assertTrue(end.stream().anyMatch(l -> l.contains("[" + fault.code + "]")), () -> "the last lines name the cause, " + fault.code + ": " + end);
        switch (call.phase()) {
            case BEGINNING -> {
                assertEquals("FAILURE", run.result);
                if (call.action().equals("ecr-login")) assertEquals(List.of(), run.archived, "the deployment has not begun");
                else reported(run, "refused");
            }
            case PREPARE, SWAP -> {
                assertEquals("FAILURE", run.result);
                reported(run, "rolledBack");
            }
            case CLEANUP -> {
                assertEquals("UNSTABLE", run.result);
                reported(run, "promoted");
                assertTrue(warnings(run).contains("cleanup-failed"), "it warns");
                Set<String> sets = s.ids();
                assertTrue(sets.equals(Set.of(World.OURS)) || sets.equals(Set.of(World.OURS, World.OLD)), "task sets: " + sets);
                s.isSettledOn(World.OURS, sets.toArray(new String[0]));
                return;
            }
        }
        s.isSettledOn(World.OLD, World.OLD);
        if (call.phase() != Undisturbed.Phase.SWAP) s.liveNeverMoved();
    }

    private void reported(Run run, String outcome) {
        assertEquals(outcome, World.report(run).get("outcome"));
        assertEquals(fault.code, Json.at(World.report(run), "error.code"));
    }

    /** AWS is well again, and so is what comes next: the same build once more, with its deployment's id, or a new one. */
    private void again(World w, Run before) {
        boolean promoted = "promoted".equals(before.archived.isEmpty() ? null : World.report(before).get("outcome"));
        boolean same = Matrix.hash(this) % 2 == 0 && !before.result.equals("SUCCESS");
        String id = same ? World.OURS : World.NEXT;
        String[] left = w.state().ids().toArray(new String[0]);
        long revisions = w.applied("RegisterTaskDefinition");
        w.account.forget();
        Run run = World.checked((same ? w.pipeline(of.script) : w.pipeline(of.script).env("BUILD_NUMBER", "8").env("BUILD_TAG", World.NEXT)).run());
        try {
            assertEquals("SUCCESS", run.result);
            assertEquals(1, revisions + w.applied("RegisterTaskDefinition"), "revisions of the same content");
            boolean unchanged = promoted && same;
            assertEquals(unchanged ? "unchanged" : "promoted", World.report(run).get("outcome"));
            State s = w.state();
            s.wasSoundThroughout();
            s.isSettledOn(id, unchanged ? left : new String[] {id});
        } catch (AssertionError e) {
            throw new AssertionError("the next build, " + id + ": " + e.getMessage() + "\n" + run.text() + "\nafter", e);
        }
    }
}
