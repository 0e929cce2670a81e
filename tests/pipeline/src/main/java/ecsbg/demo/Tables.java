package ecsbg.demo;

import ecsbg.pipeline.Run;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What is printed of builds: headings, the steps with their times and the AWS calls that each one made, and who answered what. */
public final class Tables {
    private static final int WIDTH = 110;

    private Tables() {}

    public static void heading(PrintStream out, String text) {
        out.printf("%n━━━ %s %s%n", text, "━".repeat(Math.max(3, WIDTH - text.length())));
    }

    public static void steps(Run run, List<Map<String, Object>> calls, PrintStream out) {
        out.printf("%nSteps, their times, and the AWS calls of each (* changes something)%n");
        out.printf("  %4s  %-38s %9s  %s%n", "step", "", "time", "AWS calls");
        int told = 0;
        for (List<Run.Step> alike : alike(run)) {
            Run.Step first = alike.get(0);
            List<Map<String, Object>> own = calls.stream().filter(c -> alike.stream().anyMatch(s -> during(s, c))).toList();
            told += own.size();
            List<String> lines = wrap(own);
            out.printf("  %4d  %-38s %9s  %s%n", first.number, title(first, alike.size()), time(alike), lines.get(0));
            for (String line : lines.subList(1, lines.size())) out.printf("  %4s  %-38s %9s  %s%n", "", "", "", line);
        }
        out.printf("  %d AWS calls, %d of them change something; %d steps, %d of them sh; %.1f s%n",
            calls.size(), calls.stream().filter(c -> (Boolean) c.get("mutating")).count(), run.steps.size(), run.steps("sh").size(), run.realMillis / 1000.0);
        if (told < calls.size()) out.printf("  (%d calls came outside of these steps)%n", calls.size() - told);
    }

    /** Steps that take time and do something, those of one name in one stage together: looks and the sleeps between them. */
    private static Collection<List<Run.Step>> alike(Run run) {
        Map<Object, List<Run.Step>> found = new LinkedHashMap<>();
        for (Run.Step s : run.steps) {
            // blocks last as long as what is in them; echo, env and their like take no time
            if (s.block || !List.of("sh", "input", "sleep", "checkout", "archiveArtifacts").contains(s.name)) continue;
            found.computeIfAbsent(List.of(s.stages, name(s)), key -> new ArrayList<>()).add(s);
        }
        return found.values();
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

    private static String name(Run.Step s) {
        return s.label != null ? s.label : s.name.equals("sleep") ? "sleep (bake)" : s.name;
    }

    private static String title(Run.Step s, int times) {
        String title = name(s), more = times > 1 ? " ×" + times : "";
        int most = 38 - more.length();
        return (title.length() <= most ? title : title.substring(0, most - 1) + "…") + more;
    }

    private static String time(List<Run.Step> steps) {
        return String.format("%.2f s", steps.stream().mapToLong(s -> s.real).sum() / 1000.0);
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
