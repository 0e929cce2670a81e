package ecsbg.demo;

import ecsbg.pipeline.Run;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Shows a build's log as it grows: stages as headings, of the other steps only what they say, and what they repeat once. */
public final class BuildLog extends PrintStream {
    /** A step's line, in a branch of `parallel` with its name before; a stage's begins what is in it. */
    private static final Pattern STEP = Pattern.compile("(\\[[^]]+] )?\\[Pipeline] (\\{ \\((?<stage>.*)\\))?.*");
    /** An executor is taken for each look of a canary; it is told where it is another one. */
    private static final String EXECUTOR = "Running on ";
    private final Set<String> executors = new HashSet<>();
    private String last = "";
    private int again;

    public BuildLog(PrintStream out) {
        super(out, true, StandardCharsets.UTF_8);
    }

    @Override
    public void println(String line) {
        Matcher step = STEP.matcher(line);
        if (step.matches()) {
            if (step.group("stage") != null) show("  ┌─ " + step.group("stage"));
        } else if (!line.startsWith(EXECUTOR) || executors.add(line)) {
            show("  │ " + line);
        }
    }

    public void passed(Run.Stage stage) {
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
