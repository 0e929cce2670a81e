package ecsbg.demo;

import ecsbg.pipeline.Run;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;

/** Shows a build's log as it grows: stages as headings, of the other steps only what they say, and what they repeat once. */
final class BuildLog extends PrintStream {
    private static final String STAGE = "[Pipeline] { (";
    /** An executor is taken for each look of a canary; it is told where it is another one. */
    private static final String EXECUTOR = "Running on ";
    private final Set<String> executors = new HashSet<>();
    private String last = "";
    private int again;

    BuildLog(PrintStream out) {
        super(out, true, StandardCharsets.UTF_8);
    }

    @Override
    public void println(String line) {
        if (line.startsWith(STAGE)) show("  ┌─ " + line.substring(STAGE.length(), line.length() - 1));
        else if (!line.startsWith("[Pipeline] ") && !(line.startsWith(EXECUTOR) && !executors.add(line))) show("  │ " + line);
    }

    void passed(Run.Stage stage) {
        String how = stage.outcome.equals("ok") ? "passed" : "FAILED";
        show("  └─ " + stage.name + ": " + how + String.format(" in %.1f s", stage.real / 1000.0));
    }

    private void show(String line) {
        if (line.equals(last)) {
            again++;
            return;
        }
        if (again > 0) super.println(again == 1 ? last : "  │ … " + again + " times more");
        again = 0;
        last = line;
        super.println(line);
    }
}
