package ecsbg.rehearsal;

import ecsbg.pipeline.Execution;
import ecsbg.pipeline.Pipeline;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Steps of plugins, and what they come to here: the file steps.yml. */
final class OwnSteps {
    private static final Set<String> WORDS = Set.of("result", "sh", "env");
    private final Map<String, Answer> answers = new LinkedHashMap<>();

    /** A result, or a script whose output it is; a block runs, with these variables. */
    private record Answer(Object result, String script, Map<String, String> variables) {}

    /** @param file null: there are none */
    static OwnSteps read(Path file) throws Wrong {
        OwnSteps all = new OwnSteps();
        if (file == null) return all;
        for (Map.Entry<String, Object> step : Yaml.map("STEPS", file, "a step's name to its result").entrySet()) {
            all.answers.put(step.getKey(), answer(file, step.getKey(), step.getValue()));
        }
        return all;
    }

    private static Answer answer(Path file, String name, Object given) throws Wrong {
        if (!(given instanceof Map<?, ?> map) || map.isEmpty() || !WORDS.containsAll(map.keySet())) return new Answer(given, null, Map.of());
        String place = "STEPS: " + file + ": " + name;
        if (map.containsKey("sh") && map.containsKey("result")) throw new Wrong(place + " has a result and a script: one of the two");
        Map<String, String> variables = new LinkedHashMap<>();
        if (map.get("env") instanceof Map<?, ?> env) env.forEach((key, value) -> variables.put(String.valueOf(key), String.valueOf(value)));
        else if (map.get("env") != null) throw new Wrong(place + ": env is not a map of variables");
        return new Answer(map.get("result"), map.get("sh") == null ? null : String.valueOf(map.get("sh")), variables);
    }

    Set<String> names() {
        return answers.keySet();
    }

    void addTo(Pipeline pipeline) {
        answers.forEach((name, answer) -> {
            if (answer.script() == null) pipeline.step(name, e -> end(e, answer));
            else pipeline.stepBySh(name, answer.script());
        });
    }

    private static void end(Execution e, Answer answer) {
        if (e.isBlock()) e.runBody(answer.variables());
        else e.success(answer.result());
    }
}
