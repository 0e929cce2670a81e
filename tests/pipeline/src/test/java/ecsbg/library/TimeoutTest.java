package ecsbg.library;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ecsbg.aws.Json;
import ecsbg.library.Undisturbed.Place;
import ecsbg.pipeline.Approver;
import ecsbg.pipeline.Interruption.Form;
import ecsbg.pipeline.Interruption.Kind;
import ecsbg.pipeline.Run;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A `timeout` of the team's around everything expires at a step; and its 60 seconds of grace end while the rollback runs. */
@Execution(ExecutionMode.CONCURRENT)
class TimeoutTest {
    private static final Undisturbed WHOLE = Undisturbed.of(Example.within("timeout(time: 900, unit: 'MINUTES')"));
    @RegisterExtension static final Figures FIGURES = new Figures("pipelines that ran out of time");
    @TempDir Path tmp;

    /** Inside of the timeout; while people are asked, and in the bake, time passes by itself: see below. */
    private static List<Place> places() {
        return WHOLE.places().stream().filter(p -> p.number() > 1 && !(p.form() == Form.DURING && p.step().matches("input|sleep"))).toList();
    }

    /** Of `mvn test`: while each `sh` runs, its call applied. */
    private static boolean always(Place p) {
        return p.form() == Form.DURING && p.isSh() && !"before".equals(p.when());
    }

    static List<Place> always() {
        return places().stream().filter(TimeoutTest::always).toList();
    }

    static List<Place> theOthers() {
        return places().stream().filter(p -> !always(p)).toList();
    }

    static List<Place> withRollback() {
        return WHOLE.placesWithRollback();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("always")
    void aTimeoutLeavesAHealthyVersionLiveAndNothingBehind(Place place) {
        new Disturbed(tmp, place, Kind.DEADLINE).run().endedWell();
    }

    @Tag("soak")
    @ParameterizedTest(name = "{0}")
    @MethodSource("theOthers")
    void aTimeoutElsewhereLeavesAHealthyVersionLiveAndNothingBehind(Place place) {
        new Disturbed(tmp, place, Kind.DEADLINE).run().endedWell();
    }

    @Test
    void aTimeoutWhileTheSwapIsAskedForRemovesTheNewVersion() {
        World w = new World(tmp).setting(p -> p.approver(Approver.nobody()));
        Run r = w.run("timeout(time: 60, unit: 'MINUTES') { blueGreenDeploy(params.keys) }");
        assertEquals("ABORTED", r.result, r.text());
        assertEquals("interrupted", Json.at(World.report(r), "error.kind"), "not the approval's own timeout");
        assertTrue(r.logged("ended in phase approval: rolledBack"), r.text());
        w.state().liveNeverMoved();
        w.state().isSettledOn(World.OLD, World.OLD);
    }

    @Test
    void aTimeoutDuringTheBakeGoesBack() {
        World w = new World(tmp);
        Run r = w.run(World.OUT_OF_TIME_IN_THE_BAKE);
        assertEquals("ABORTED", r.result, r.text());
        assertTrue(r.logged("ended in phase bake: rolledBack"), r.text());
        w.state().isSettledOn(World.OLD, World.OLD);
    }

    @Test
    void aTimeoutWhileTheCleanupIsAskedForKeepsBoth() {
        World w = new World(tmp).setting(p -> p.approver(q -> q.id.startsWith("Swap") ? Approver.Answer.approve("alice") : Approver.Answer.none()));
        Run r = w.run("timeout(time: 60, unit: 'MINUTES') { blueGreenDeploy(params.keys) }");
        assertEquals("ABORTED", r.result, r.text());
        assertEquals("promoted", World.report(r).get("outcome"));
        w.state().isSettledOn(World.OURS, World.OURS, World.OLD);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("withRollback")
    void theHardKillDuringTheRollbackIsNotItsEnd(Place place) {
        Disturbed.twice(tmp, place, Kind.DEADLINE, false);
    }

    @Tag("soak")
    @ParameterizedTest(name = "{0}")
    @MethodSource("withRollback")
    void theHardKillAtAnyCallOfTheRollbackIsNotItsEnd(Place place) {
        Disturbed.twice(tmp, place, Kind.DEADLINE, true);
    }
}
