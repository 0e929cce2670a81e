package ecsbg.rehearsal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ecsbg.pipeline.Run;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Scenarios, and the steps at which they happen. */
class ScenarioTest {
    @Test
    void severalAreSeparatedByCommas() throws Wrong {
        assertEquals(List.of(new Scenario(Scenario.Kind.GOOD, null), new Scenario(Scenario.Kind.ABORT, "cleanup approval")),
            Scenario.parse("good, abort@cleanup approval"));
    }

    @TestFactory
    Stream<DynamicTest> aStepIsMeantByNumberActionNameOrStage() {
        return Stream.of(
            row("7", step(7, "sh", "ecs-bg swap-live web", "web: swap"), true),
            row("7", step(17, "sh", "ecs-bg swap-live web", "web: swap"), false),
            row("swap-live", step(7, "sh", "ecs-bg swap-live web", "web: swap"), true),
            row("swap-live", step(7, "sh", "ecs-bg swap-live", "web: swap"), true),
            row("swap", step(7, "sh", "ecs-bg swap-live web", "web: swap"), true),
            row("web: swap", step(7, "sh", "ecs-bg swap-live web", "web: swap"), true),
            row("live", step(7, "sh", "ecs-bg swap-live web", "web: swap"), false),
            row("input", step(7, "input", null, "web: approval"), true),
            row("Image", step(7, "checkout", null, "Image"), true),
            row("Image", block(step(7, "stage", null, "Image")), false)
        ).map(row -> DynamicTest.dynamicTest(row.at + " is " + (row.meant ? "" : "not ") + row.step,
            () -> assertEquals(row.meant, new Scenario(Scenario.Kind.ABORT, row.at).isAt(row.step))));
    }

    private record Row(String at, Run.Step step, boolean meant) {}

    private static Row row(String at, Run.Step step, boolean meant) {
        return new Row(at, step, meant);
    }

    private static Run.Step step(int number, String name, String label, String stage) {
        Run.Step step = new Run.Step();
        step.number = number;
        step.name = name;
        step.label = label;
        step.stages = List.of(stage);
        return step;
    }

    private static Run.Step block(Run.Step step) {
        step.block = true;
        return step;
    }
}
