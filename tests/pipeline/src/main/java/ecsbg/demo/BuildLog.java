package ecsbg.demo;

import ecsbg.pipeline.Run;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** Shows a build's log as it grows: stages as headings, of the other steps only what they say. */
public final class BuildLog extends PrintStream {
    private static final String STAGE = "[Pipeline] { (";

    public BuildLog(PrintStream out) {
        super(out, true, StandardCharsets.UTF_8);
    }

    @Override
    public void println(String line) {
        if (line.startsWith(STAGE)) super.println("  ┌─ " + line.substring(STAGE.length(), line.length() - 1));
        else if (!line.startsWith("[Pipeline] ")) super.println("  │ " + line);
    }

    public void passed(Run.Stage stage) {
        String how = stage.outcome.equals("ok") ? "passed" : "FAILED";
        super.println("  └─ " + stage.name + ": " + how + String.format(" in %.1f s", stage.real / 1000.0));
    }
}
