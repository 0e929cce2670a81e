package ecsbg.rehearsal;

import ecsbg.pipeline.Approver;
import ecsbg.pipeline.Describable;
import ecsbg.pipeline.Run;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Who answers the pipeline's questions, and how. `who`: null where it does not matter. */
record Answers(String how, String who, String cleanup) implements Approver {
    private static final String ANYBODY = "rehearsal";
    /** What blueGreenDeploy lets people choose. */
    private static final String CHOICE = "ACTION";
    private static final BufferedReader TERMINAL = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));

    boolean reject() {
        return how.equals("reject");
    }

    @Override
    public Answer answer(Run.Input question) {
        String user = user(question);
        if (how.equals("ask")) return asked(question, user);
        if (reject()) return Answer.reject(user);
        Map<String, Object> chosen = new LinkedHashMap<>();
        for (Describable parameter : question.parameters) {
            if (parameter.name().equals(CHOICE)) chosen.put(CHOICE, choice(question, choices(parameter)));
        }
        return Answer.approve(user, chosen);
    }

    /** Of the cleanup what was asked for. About gates, what somebody would who is careful with failures, and does not wait for ever. */
    private String choice(Run.Input question, List<String> choices) {
        if (choices.contains(cleanup)) return cleanup;
        return question.message.contains("a gate failed") ? "Roll back" : "Go on";
    }

    /** Who may not answer would be waited for in vain. */
    private String user(Run.Input question) {
        if (question.submitter == null) return who == null ? ANYBODY : who;
        List<String> may = Arrays.asList(question.submitter.split("\\s*,\\s*"));
        if (who == null) return may.get(0);
        if (may.contains(who)) return who;
        throw new IllegalArgumentException("WHO=" + who + " may not answer '" + question.message + "': " + question.submitter + " may");
    }

    private static List<String> choices(Describable parameter) {
        Object given = parameter.args().get("choices");
        if (given instanceof Iterable<?> many) {
            List<String> all = new ArrayList<>();
            many.forEach(one -> all.add(String.valueOf(one)));
            return all;
        }
        return List.of(String.valueOf(given).split("\\r?\\n"));
    }

    /** In the terminal. */
    private static Answer asked(Run.Input question, String user) {
        System.out.println("\n? " + question.message);
        Map<String, Object> values = new LinkedHashMap<>();
        for (Describable parameter : question.parameters) {
            boolean choice = parameter.symbol().equals("choice");
            String said = line("  " + parameter.name() + (choice ? " " + choices(parameter) : "") + ": ");
            if (!said.isEmpty()) values.put(parameter.name(), said);
        }
        return line("  " + question.ok + "? [y/n] ").startsWith("y") ? Answer.approve(user, values) : Answer.reject(user);
    }

    private static String line(String prompt) {
        System.out.print(prompt);
        System.out.flush();
        try {
            String said = TERMINAL.readLine();
            if (said == null) throw new IllegalStateException("ANSWERS=ask, and nobody is there: standard input has ended");
            return said.strip();
        } catch (IOException x) {
            throw new UncheckedIOException(x);
        }
    }
}
