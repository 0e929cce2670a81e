package ecsbg.pipeline;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** The build's log. Processes write to it from their own threads. */
final class Log {
    private final List<String> lines = new ArrayList<>();
    private final PrintStream live;

    Log(PrintStream live) {
        this.live = live;
    }

    synchronized void line(String branch, String text) {
        for (String one : text.split("\n", -1)) {
            String shown = branch == null ? one : "[" + branch + "] " + one;
            lines.add(shown);
            if (live != null) live.println(shown);
        }
        if (live != null) live.flush();
    }

    synchronized List<String> lines() {
        return List.copyOf(lines);
    }
}
