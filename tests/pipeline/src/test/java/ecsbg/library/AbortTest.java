package ecsbg.library;

import ecsbg.library.Undisturbed.Place;
import ecsbg.pipeline.Interruption.Form;
import ecsbg.pipeline.Interruption.Kind;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A person stops the build: at every step of a whole deployment, before it, while it runs, and after it. */
@Execution(ExecutionMode.CONCURRENT)
class AbortTest {
    private static final Undisturbed WHOLE = Undisturbed.of(Example.SCRIPT);
    @RegisterExtension static final Figures FIGURES = new Figures("pipelines aborted");
    @TempDir Path tmp;

    /** Of `mvn test`: every `sh` in each form, every other step before it starts, but for withEnv: what comes at once in it is met. */
    private static boolean always(Place p) {
        return p.isSh() || p.form() == Form.BEFORE && !p.step().equals("withEnv");
    }

    static List<Place> always() {
        return WHOLE.places().stream().filter(AbortTest::always).toList();
    }

    static List<Place> theOthers() {
        return WHOLE.places().stream().filter(p -> !always(p)).toList();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("always")
    void anAbortLeavesAHealthyVersionLiveAndNothingBehind(Place place) {
        new Disturbed(tmp, place, Kind.ABORT).run().endedWell();
    }

    @Tag("soak")
    @ParameterizedTest(name = "{0}")
    @MethodSource("theOthers")
    void anAbortElsewhereLeavesAHealthyVersionLiveAndNothingBehind(Place place) {
        new Disturbed(tmp, place, Kind.ABORT).run().endedWell();
    }

    static List<Place> withRollback() {
        return WHOLE.placesWithRollback();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("withRollback")
    void aSecondAbortDuringTheRollbackIsNotItsEnd(Place place) {
        Disturbed.twice(tmp, place, Kind.ABORT, false);
    }

    @Tag("soak")
    @ParameterizedTest(name = "{0}")
    @MethodSource("withRollback")
    void aSecondAbortAtAnyCallOfTheRollbackIsNotItsEnd(Place place) {
        Disturbed.twice(tmp, place, Kind.ABORT, true);
    }
}
