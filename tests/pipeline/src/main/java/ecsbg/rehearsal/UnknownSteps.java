package ecsbg.rehearsal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What a Jenkinsfile calls that neither Pipeline nor this library has: found before anything runs, all of it at once. */
record UnknownSteps(List<Jenkinsfile.Call> unknown, Set<String> symbols, Set<String> otherLibraries) {
    private static final String OURS = "ecs-blue-green";
    private static final Set<String> VARIABLES = Set.of("env", "params", "currentBuild", "scm");
    /** Steps of Pipeline that are given what plugins have words for. */
    private static final Set<String> TAKE_SYMBOLS = Set.of("checkout", "properties", "parameters", "input");

    /** @param known all names that can be called @param answered those of them that steps.yml answers */
    static UnknownSteps of(Jenkinsfile script, Set<String> known, Set<String> answered) {
        List<Jenkinsfile.Call> unknown = new ArrayList<>();
        Set<String> symbols = new TreeSet<>();
        for (Jenkinsfile.Call call : script.calls) {
            if (known.contains(call.name()) || call.variable() && VARIABLES.contains(call.name())) continue;
            boolean outerIsAPlugins = call.within() != null && (!known.contains(call.within()) || answered.contains(call.within()));
            boolean symbol = !call.variable() && (outerIsAPlugins || TAKE_SYMBOLS.contains(String.valueOf(call.within())));
            if (symbol) symbols.add(call.name());
            else unknown.add(call);
        }
        return new UnknownSteps(unknown, symbols, others(script.libraries));
    }

    /** A library's name is what somebody has called it in Jenkins: a sole one is this one. */
    private static Set<String> others(Set<String> libraries) {
        if (libraries.size() < 2 && !libraries.contains(OURS)) return Set.of();
        Set<String> others = new TreeSet<>(libraries);
        others.remove(OURS);
        return others;
    }

    /** All of them in one message, with what to do. */
    void refuse(String file) throws Wrong {
        if (unknown.isEmpty()) return;
        if (unknown.stream().anyMatch(call -> call.name().equals("pipeline"))) {
            throw new Wrong(file + " is a Declarative pipeline, which the runner does not know; what its `script` blocks hold can be rehearsed as a Jenkinsfile of its own (JENKINSFILE=)");
        }
        Map<String, List<Jenkinsfile.Call>> byName = unknown.stream().collect(Collectors.groupingBy(Jenkinsfile.Call::name, LinkedHashMap::new, Collectors.toList()));
        StringBuilder text = new StringBuilder("Jenkins' plugins are not here, and what " + file + " needs of them has no answer:");
        byName.forEach((name, calls) -> text.append(String.format("%n  %-24s %s", name + (calls.get(0).variable() ? " (a variable)" : ""),
            (calls.size() > 1 ? "lines " : "line ") + calls.stream().map(call -> String.valueOf(call.line())).distinct().collect(Collectors.joining(", ")))));
        if (!otherLibraries.isEmpty()) text.append(String.format("%nOf libraries only %s is here: the steps of %s are as unknown.", OURS, String.join(", ", otherLibraries)));
        text.append(String.format("%nSay in steps.yml of the repository (or STEPS=file) what they come to:"));
        byName.forEach((name, calls) -> {
            if (!calls.get(0).variable()) text.append(String.format("%n  %s: null        # or a text, a list, {sh: a command}; a block: {env: {NAME: value}}", name));
        });
        if (unknown.stream().anyMatch(Jenkinsfile.Call::variable)) text.append(String.format("%nA plugin's variable cannot be answered: put what uses it into a step, or a shell script."));
        throw new Wrong(text.toString());
    }
}
