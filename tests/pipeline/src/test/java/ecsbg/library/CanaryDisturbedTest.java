package ecsbg.library;

import static org.junit.jupiter.api.Assertions.assertTrue;

import ecsbg.library.Undisturbed.Place;
import ecsbg.pipeline.Interruption.Form;
import ecsbg.pipeline.Interruption.Kind;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A person stops a canary, its time is over, its agent is lost: at every step from the first shift to the swap. */
@Execution(ExecutionMode.CONCURRENT)
class CanaryDisturbedTest {
    static final String[] STEPS = {"canary:", "  - {weight: 5, bake: 1m, scale: 50}", "  - {weight: 50, bake: 1m, approve: true}"};
    private static final Undisturbed WHOLE = Undisturbed.of(Example.SCRIPT, STEPS);
    private static final Undisturbed WITHIN = Undisturbed.of(Example.within("timeout(time: 900, unit: 'MINUTES')"), STEPS);
    /** The previous version has all traffic again within this, after an abort. */
    private static final long MOST_MILLIS = 3000;
    @RegisterExtension static final Figures FIGURES = new Figures("canaries disturbed");
    @TempDir Path tmp;

    private static List<Place> places(Undisturbed of) {
        return of.places().stream().filter(p -> p.in("web: canary")).toList();
    }

    /** Of `mvn test`: while each step runs, each call applied. */
    private static boolean always(Place p) {
        return p.form() == Form.DURING && p.step().matches("sh.*|sleep|input") && !"before".equals(p.when());
    }

    static List<Place> aborted() {
        return places(WHOLE).stream().filter(CanaryDisturbedTest::always).toList();
    }

    static List<Place> abortedElsewhere() {
        return places(WHOLE).stream().filter(p -> !always(p)).toList();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("aborted")
    void anAbortGivesAllTrafficBackWithinThreeSeconds(Place place) {
        Disturbed d = new Disturbed(tmp, place, Kind.ABORT).run();
        d.endedWell();
        Map<String, Object> last = d.w.last("ModifyListener");
        long after = (long) (((Number) last.get("at")).doubleValue() * 1000) - d.at();
        assertTrue(after <= MOST_MILLIS, place + ": after " + after + " ms\n" + d.run.text());
    }

    @Tag("soak")
    @ParameterizedTest(name = "{0}")
    @MethodSource("abortedElsewhere")
    void anAbortElsewhereGivesAllTrafficBack(Place place) {
        new Disturbed(tmp, place, Kind.ABORT).run().endedWell();
    }

    /** While it sleeps, and while somebody is asked, time passes by itself. */
    static List<Place> outOfTime() {
        return places(WITHIN).stream().filter(p -> always(p) && p.isSh()).toList();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("outOfTime")
    void aTimeoutGivesAllTrafficBack(Place place) {
        new Disturbed(tmp, place, Kind.DEADLINE).run().endedWell();
    }

    static List<Place> lost() {
        return aborted().stream().filter(WHOLE::onAgent).toList();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("lost")
    void aLostAgentGivesAllTrafficBack(Place place) {
        new Disturbed(tmp, place, Kind.AGENT_LOST).run().endedWell();
    }

    static List<Place> withRollback() {
        return WHOLE.placesWithRollback().stream().filter(p -> p.in("web: canary")).toList();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("withRollback")
    void aSecondAbortDuringTheRollbackIsNotItsEnd(Place place) {
        Disturbed.twice(tmp, place, Kind.ABORT, false);
    }

    @Tag("soak")
    @ParameterizedTest(name = "{0}")
    @MethodSource("withRollback")
    void anAgentLostAtAnyCallOfTheRollbackIsNotItsEnd(Place place) {
        Disturbed.twice(tmp, place, Kind.AGENT_LOST, true);
    }
}
