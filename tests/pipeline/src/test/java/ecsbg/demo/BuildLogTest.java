package ecsbg.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class BuildLogTest {
    private static List<String> shown(String... lines) {
        ByteArrayOutputStream told = new ByteArrayOutputStream();
        BuildLog log = new BuildLog(new PrintStream(told, true, StandardCharsets.UTF_8));
        for (String line : lines) log.println(line);
        return told.toString(StandardCharsets.UTF_8).lines().toList();
    }

    @Test
    void aStageIsAHeadingAndOfOtherStepsOnlyWhatTheySayIsShown() {
        assertEquals(List.of("  ┌─ web: swap", "  │ live: 0 -> 100"),
            shown("[Pipeline] stage", "[Pipeline] { (web: swap)", "[Pipeline] sh", "live: 0 -> 100", "[Pipeline] }"));
    }

    @Test
    void whatIsSaidAgainAndAgainIsCounted() {
        assertEquals(List.of("  │ Sleeping for 1 sec", "  │ … 2 times more", "  │ fail", "  │ Sleeping for 1 sec", "  │ Sleeping for 1 sec", "  ┌─ rollback"),
            shown("Sleeping for 1 sec", "[Pipeline] sleep", "Sleeping for 1 sec", "Sleeping for 1 sec", "fail",
                "Sleeping for 1 sec", "Sleeping for 1 sec", "[Pipeline] { (rollback)"));
    }

    @Test
    void anExecutorIsToldOnce() {
        assertEquals(List.of("  │ Running on agent-linux in /w", "  │ Sleeping for 1 sec", "  │ … 2 times more", "  │ Running on agent-docker in /w"),
            shown("Running on agent-linux in /w", "Sleeping for 1 sec", "Running on agent-linux in /w", "Sleeping for 1 sec", "Sleeping for 1 sec",
                "Running on agent-docker in /w"));
    }
}
