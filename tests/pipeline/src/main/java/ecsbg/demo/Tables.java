package ecsbg.demo;

import ecsbg.pipeline.Run;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a build did: its steps with their times and the AWS calls that each one made, and who answered what. */
public final class Tables {
    private static final int WIDTH = 110;

    private Tables() {}

    public static void steps(Run run, List<Map<String, Object>> calls, PrintStream out) {
        out.printf("%nSteps, their times, and the AWS calls of each (* changes something)%n");
        out.printf("  %4s  %-38s %9s  %s%n", "step", "", "time", "AWS calls");
        int told = 0;
        for (Run.Step s : run.steps) {
            // blocks last as long as what is in them; echo, env and their like take no time
            if (s.block || !List.of("sh", "input", "sleep", "checkout", "archiveArtifacts").contains(s.name)) continue;
            List<Map<String, Object>> own = calls.stream().filter(c -> during(s, c)).toList();
            told += own.size();
            List<String> lines = wrap(own);
            out.printf("  %4d  %-38s %9s  %s%n", s.number, title(s), time(s), lines.get(0));
            for (String line : lines.subList(1, lines.size())) out.printf("  %4s  %-38s %9s  %s%n", "", "", "", line);
        }
        out.printf("  %d AWS calls, %d of them change something; %d steps, %d of them sh; %.1f s real, clock wound on by %.0f s%n",
            calls.size(), calls.stream().filter(c -> (Boolean) c.get("mutating")).count(), run.steps.size(), run.steps("sh").size(),
            run.realMillis / 1000.0, run.woundMillis / 1000.0);
        if (told != calls.size()) out.printf("  (%d calls came outside of these steps)%n", calls.size() - told);
    }

    static void answers(Run run, PrintStream out) {
        for (Run.Input i : run.inputs) {
            String button = World.isChoice(i) ? i.ok + ", " + World.CLEANUP.get("ACTION") : i.ok;
            out.printf("  question %s: \"%s\", %s; %s%n", i.id, button, i.answer, i.held == null ? "no executor was held meanwhile" : "HELD " + i.held);
        }
    }

    private static boolean during(Run.Step s, Map<String, Object> call) {
        double at = ((Number) call.get("at")).doubleValue() * 1000;
        return at >= s.startedReal && at < s.startedReal + s.real + 1;
    }

    private static String title(Run.Step s) {
        String title = s.label != null ? s.label : s.name.equals("sleep") ? "sleep (bake)" : s.name;
        return title.length() <= 38 ? title : title.substring(0, 37) + "…";
    }

    /** What a step took in real time, or by the clock that is wound on. */
    private static String time(Run.Step s) {
        return s.name.equals("sleep") ? String.format("%.0f s ⏩", (s.ended - s.started) / 1000.0) : String.format("%.2f s", s.real / 1000.0);
    }

    private static List<String> wrap(List<Map<String, Object>> calls) {
        Map<String, Integer> counted = new LinkedHashMap<>();
        for (Map<String, Object> c : calls) {
            String name = c.get("operation") + ((Boolean) c.get("mutating") ? "*" : "") + (c.get("error") == null ? "" : "!" + c.get("error"));
            counted.merge(name, 1, Integer::sum);
        }
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (Map.Entry<String, Integer> e : counted.entrySet()) {
            String word = e.getKey() + (e.getValue() > 1 ? " ×" + e.getValue() : "");
            if (line.length() > 0 && line.length() + word.length() > WIDTH) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.length() == 0 ? "" : ", ").append(word);
        }
        lines.add(line.length() == 0 ? "–" : line.toString());
        return lines;
    }
}
