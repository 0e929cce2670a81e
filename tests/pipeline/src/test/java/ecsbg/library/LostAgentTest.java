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

/** The agent that does the work is lost at a step, with its processes and its workspace: another one finds the state in AWS. */
@Execution(ExecutionMode.CONCURRENT)
class LostAgentTest {
    private static final Undisturbed WHOLE = Undisturbed.of(Example.SCRIPT);
    @RegisterExtension static final Figures FIGURES = new Figures("pipelines whose agent was lost");
    @TempDir Path tmp;

    private static List<Place> places() {
        return WHOLE.places().stream().filter(WHOLE::onAgent).toList();
    }

    /** Of `mvn test`: while each `sh` runs, its call applied and its reply lost. */
    private static boolean always(Place p) {
        return p.isSh() && p.form() == Form.DURING && !"before".equals(p.when());
    }

    static List<Place> always() {
        return places().stream().filter(LostAgentTest::always).toList();
    }

    static List<Place> theOthers() {
        return places().stream().filter(p -> !always(p)).toList();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("always")
    void aLostAgentLeavesAHealthyVersionLiveAndNothingBehind(Place place) {
        new Disturbed(tmp, place, Kind.AGENT_LOST).run().endedWell();
    }

    @Tag("soak")
    @ParameterizedTest(name = "{0}")
    @MethodSource("theOthers")
    void anAgentLostElsewhereLeavesAHealthyVersionLiveAndNothingBehind(Place place) {
        new Disturbed(tmp, place, Kind.AGENT_LOST).run().endedWell();
    }

    static List<Place> withRollback() {
        return WHOLE.placesWithRollback();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("withRollback")
    void anAgentLostDuringTheRollbackIsNotItsEnd(Place place) {
        Disturbed.twice(tmp, place, Kind.AGENT_LOST, false);
    }

    @Tag("soak")
    @ParameterizedTest(name = "{0}")
    @MethodSource("withRollback")
    void anAgentLostAtAnyCallOfTheRollbackIsNotItsEnd(Place place) {
        Disturbed.twice(tmp, place, Kind.AGENT_LOST, true);
    }
}
