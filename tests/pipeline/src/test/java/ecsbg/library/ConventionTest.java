package ecsbg.library;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ecsbg.pipeline.Pipeline;
import ecsbg.pipeline.Run;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds of every file of vars/, whatever it does. */
class ConventionTest {
    /** Of the library itself; the rest are steps for a Jenkinsfile. */
    private static final Set<String> INNER = Set.of("ecsBg", "ecsBgCanary", "ecsBgCleanUp", "ecsBgGates", "ecsBgQuestions", "ecsBgReport", "ecsBgUndo", "ecsBgWork");
    /** Keys that every action takes, and its page names, beside its flags; and flags that are no keys. */
    private static final List<String> EVERYWHERE = List.of("agent", "helper", "helperUrl");
    private static final Set<String> NO_KEYS = Set.of("help", "version", "verbose", "exit-zero");
    private static final String PER_STEP = "what every step takes";
    private static final List<String> QUESTIONS = List.of("approve", "approve.message", "approve.submitter", "approve.submitterParameter", "approve.timeout",
        "cleanup.bake", "cleanup.approve", "cleanup.approve.message", "cleanup.approve.submitter", "cleanup.approve.submitterParameter",
        "cleanup.approve.timeout", "cleanup.previous", "cleanup.deregister", "onFailure", "gates.onFail", "gates.onInconclusive", "gates.check");

    static List<String> files() throws IOException {
        try (Stream<Path> all = Files.list(World.VARS)) {
            return all.map(f -> f.getFileName().toString()).filter(f -> f.endsWith(".groovy")).map(f -> f.substring(0, f.length() - 7)).sorted().toList();
        }
    }

    /** Those that are one action each. */
    static List<String> steps() throws IOException {
        return files().stream().filter(f -> !INNER.contains(f) && !f.equals("blueGreenDeploy")).toList();
    }

    /** Those that a Jenkinsfile calls. */
    static List<String> callable() throws IOException {
        return files().stream().filter(f -> !INNER.contains(f)).toList();
    }

    private static String source(String name) throws IOException {
        return Files.readString(World.VARS.resolve(name + ".groovy"));
    }

    private static String page(String name) throws IOException {
        return Files.readString(World.VARS.resolve(name + ".txt"));
    }

    /** Without comments and without the text of strings. */
    private static String code(String source) {
        return source.replaceAll("(?s)/\\*.*?\\*/", "").replaceAll("(?s)'''.*?'''", "''").replaceAll("(?m)(^|\\s)//.*$", "").replaceAll("'(\\\\.|[^'\\\\\n])*'", "''");
    }

    @ParameterizedTest
    @MethodSource("files")
    void isNamedAsAStepAndHasAPageAndNothingElseDoes(String name) throws IOException {
        assertTrue(name.matches("blueGreenDeploy|ecs[A-Z][A-Za-z]*"), name);
        assertTrue(Files.exists(World.VARS.resolve(name + ".txt")), name + " has no page");
        try (Stream<Path> all = Files.list(World.VARS)) {
            List<String> known = files();
            all.map(f -> f.getFileName().toString()).forEach(f -> assertTrue(known.contains(f.replaceAll("\\.(groovy|txt)$", "")), f));
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void saysWhatItIsForAndStaysSmall(String name) throws IOException {
        String source = source(name);
        assertTrue(code(source).isBlank() || source.contains("/**") || source.contains("// "), name + " has no comment");
        assertTrue(source.lines().count() <= 400, name + " is too long");
        assertFalse(source.contains("\t") || Pattern.compile("(?m)[ \t]+$").matcher(source).find() || !source.endsWith("\n"), name + ": blanks");
    }

    @ParameterizedTest
    @MethodSource("steps")
    void aStepIsACallOfOneActionAndItsComment(String name) throws IOException {
        String source = source(name);
        assertTrue(source.startsWith("/** "), name + " begins with its comment");
        assertTrue(source.contains("See " + name + ".txt."), name + " names its page");
        assertTrue(source.lines().count() <= 12, name + " is about ten lines over ecsBg");
        assertEquals(1, Pattern.compile("ecsBg(\\.image)?\\(").matcher(source).results().count(), "calls ecsBg once");
    }

    @ParameterizedTest
    @MethodSource("callable")
    void takesWhateverItIsCalledWithAndSaysInOneLineWhatItTakes(String name, @TempDir Path tmp) throws IOException {
        assertEquals(1, Pattern.compile("Map call\\(Object\\.\\.\\. given\\)").matcher(source(name)).results().count());
        Map<String, String> calls = new LinkedHashMap<>();
        calls.put("'S3CRET'", "a text without a name");
        calls.put("\"S3CRET${1}\"", "a text without a name");
        calls.put("null", "null");
        calls.put("['prod', 'web']", "a list");
        calls.put("7", "a value without a name (Integer)");
        calls.put("'prod', cluster: 'c'", "named parameters, a text without a name");
        calls.put("[cluster: 'c'], 'prod'", "named parameters, a text without a name");
        calls.put("'prod', 'web'", "a text without a name, a text without a name");
        calls.put("cluster: 'c', { echo 'x' }", "named parameters, a closure");
        calls.put("{ echo 'x' }", "a closure");
        StringBuilder script = new StringBuilder();
        for (String given : calls.keySet()) script.append("try { ").append(name).append('(').append(given).append(") } catch (Throwable e) { echo e.message }\n");
        Run r = World.checked(Pipeline.of(script.toString()).library(World.VARS, World.RESOURCES).home(tmp).run());
        for (String kinds : calls.values()) {
            assertTrue(r.log.contains(name + " takes named parameters alone, as in " + name + "(config: 'deploy/prod.yml'); it was given " + kinds), kinds + "\n" + r.text());
        }
        assertEquals(calls.size(), r.log.stream().filter(l -> l.startsWith(name + " takes named parameters alone")).count(), r.text());
        assertFalse(r.logged("S3CRET"), "what is in the wrong place is not told");
        assertEquals(0, r.executors.size(), "nothing was begun");
    }

    @ParameterizedTest
    @MethodSource("files")
    void usesNothingThatCannotBeSavedOrIsOutOfTheSandbox(String name) throws IOException {
        String code = code(source(name));
        for (String forbidden : List.of("JsonSlurperClassic", "new File", "System.getenv", "getRawBuild", "rawBuild", "AbortException", "IllegalArgumentException", "static ", "@Field", "@Singleton",
                "Matcher", "=~", "==~", ".execute(", "Thread.", "Jenkins.", ".getCauses", ".causes", "milestone", "evaluate(", "load(", "@Grab", "readJSON", "writeJSON", "readYaml", "lock(", "<<")) {
            assertFalse(code.contains(forbidden), name + " uses " + forbidden);
        }
        assertFalse(Pattern.compile("\\.(each|collect|any|every|find|findAll|sort|eachWithIndex)\\b *\\{").matcher(code).find(), name + ": plain loops");
    }

    @ParameterizedTest
    @MethodSource("files")
    void nothingIsInterpolatedIntoAShell(String name) throws IOException {
        String source = source(name);
        Matcher sh = Pattern.compile("(?s)\\bsh\\s*\\(?(.*?script:\\s*)?(\"\"\"|\"|'''|')").matcher(source.replaceAll("(?m)^\\s*\\*.*$|//.*$", ""));
        while (sh.find()) assertTrue(sh.group(2).startsWith("'"), name + ": a script in double quotes");
        for (String step : List.of("bat ", "powershell", "pwsh")) assertFalse(code(source).contains(step), name);
        Matcher call = Pattern.compile("\\bsh\\(([^)]*)").matcher(source);
        while (call.find()) {
            // the script is a file of the library, as it is: shellcheck sees it
            for (String must : List.of("label:", "returnStdout: true", "encoding: 'UTF-8'", "script: script")) assertTrue(call.group(1).contains(must), name + ": sh without " + must);
        }
    }

    @Test
    void onlyOneFileHasAShOfItsOwn() throws IOException {
        for (String name : files()) assertEquals(name.equals("ecsBg"), Pattern.compile("\\bsh\\s*[('\"]").matcher(code(source(name))).find(), name);
    }

    @ParameterizedTest
    @MethodSource("steps")
    void aPageNamesExactlyTheKeysThatItsStepTakes(String name) throws Exception {
        TreeSet<String> keys = new TreeSet<>(flags(action(name)));
        keys.addAll(EVERYWHERE);
        if (name.equals("ecsPreflight")) keys.addAll(QUESTIONS);
        if (name.equals("ecsBuildImage")) keys.addAll(List.of("context", "dockerfile", "makefile"));
        if (name.equals("ecsPushImage")) keys.add("makefile");
        assertEquals(keys, new TreeSet<>(keysOf(page(name))), name);
    }

    @Test
    void thePageOfTheWholeDeploymentNamesTheKeysOfAllItsActions() throws Exception {
        TreeSet<String> keys = new TreeSet<>(EVERYWHERE);
        for (String action : List.of("preflight", "register-task-definition", "create-task-set", "wait-stable", "enable-test-listener", "swap-live", "set-primary", "rollback", "delete-task-set", "deregister-task-definition")) keys.addAll(flags(action));
        // the deployment gives these itself
        keys.removeAll(List.of("taskSetArn", "idleSince"));
        keys.addAll(QUESTIONS);
        keys.addAll(List.of("checkout", "validate", "notify"));
        assertEquals(keys, new TreeSet<>(keysOf(page("blueGreenDeploy"))));
    }

    @ParameterizedTest
    @MethodSource("files")
    void aPageIsPlainTextAndNamesEachKeyOnce(String name) throws Exception {
        String page = page(name);
        assertTrue(page.startsWith("<pre>") && page.endsWith("</pre>\n"), name + " is one <pre>");
        // Jenkins' default formatter shows a tag as text
        String text = page.substring(5, page.length() - 7);
        assertFalse(text.contains("<") || text.contains("&"), name + " has markup");
        text.lines().forEach(line -> assertTrue(line.length() <= 100, name + ": " + line));
        List<String> keys = keysOf(page);
        assertEquals(new TreeSet<>(keys).size(), keys.size(), name + " names a key twice: " + keys);
        if (INNER.contains(name)) assertTrue(text.startsWith("Not for Jenkinsfiles"), name + " says for whom it is");
        else assertTrue(page.contains(name + "("), name + " shows no example");
    }

    @Test
    void everyKeyIsExplainedOnceAndWhereAPageSaysSo() throws Exception {
        for (String name : files()) {
            String page = page(name);
            Matcher pointer = Pattern.compile("under (\\w+): ([^;]+)").matcher(inShort(page));
            while (pointer.find()) {
                List<String> there = explained(page(pointer.group(1)));
                for (String key : pointer.group(2).split(", ")) {
                    String bare = key.replaceAll(" \\(.*|\\.$", "");
                    assertTrue(there.stream().anyMatch(k -> k.equals(bare) || k.startsWith(bare + ".")), name + ": " + bare + " is not explained under " + pointer.group(1));
                }
            }
        }
        // the connection to AWS is one thing everywhere
        TreeSet<String> common = new TreeSet<>(explained(page("blueGreenDeploy").split("What every step takes:")[1]));
        assertTrue(common.containsAll(List.of("region", "profile", "roleArn", "endpointUrl", "accountId", "maxAttempts", "helper", "allow")), common.toString());
        TreeSet<String> all = new TreeSet<>();
        for (String name : files()) {
            for (String key : explained(page(name))) assertTrue(all.add(key), name + " explains again " + key);
        }
        for (String name : steps()) assertTrue(inShort(page(name)).contains(PER_STEP), name);
    }

    /** `ecsSwapLive` is `swap-live`. */
    private static String action(String step) throws IOException {
        if (step.endsWith("Image")) return "ecr-login";
        Matcher m = Pattern.compile("ecsBg\\('([a-z-]+)'").matcher(source(step));
        assertTrue(m.find(), step);
        assertEquals("ecs" + Arrays.stream(m.group(1).split("-")).map(w -> Character.toUpperCase(w.charAt(0)) + w.substring(1)).reduce("", String::concat), step, "named as its action");
        return m.group(1);
    }

    /** What the program's own help lists for an action, in the spelling of keys. */
    private static List<String> flags(String action) throws Exception {
        Process p = new ProcessBuilder(World.BINARY.toString(), action, "--help").start();
        String help = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, p.waitFor());
        List<String> keys = new ArrayList<>();
        Matcher flag = Pattern.compile("(?m)^\\s+(?:-[a-zA-Z], )?--([a-z-]+)").matcher(help);
        while (flag.find()) {
            if (NO_KEYS.contains(flag.group(1))) continue;
            String dotted = flag.group(1).replaceFirst("^(target-groups|listeners|weights|gates)-", "$1.").replaceFirst("^(gates\\.(?:errors|latency))-", "$1.");
            keys.add(Pattern.compile("-([a-z])").matcher(dotted).replaceAll(m -> m.group(1).toUpperCase()));
        }
        // true for all their defaults: no flag is needed where one of theirs is given
        if (keys.contains("gates.every")) keys.addAll(List.of("gates.errors", "gates.latency"));
        return keys;
    }

    /** A page's keys: those that it explains, and those that it names with the page that does. */
    private static List<String> keysOf(String page) throws IOException {
        List<String> keys = new ArrayList<>(explained(page));
        String rest = inShort(page);
        Matcher named = Pattern.compile("under (\\w+): ([^;]+)").matcher(rest);
        while (named.find()) {
            List<String> there = explained(page(named.group(1)));
            for (String key : named.group(2).split(", ")) {
                String bare = key.replaceAll(" \\(.*|\\.$", "");
                // a map's name stands for all its keys
                if (there.contains(bare)) keys.add(bare);
                there.stream().filter(k -> k.startsWith(bare + ".")).forEach(keys::add);
            }
        }
        if (rest.contains(PER_STEP)) keys.addAll(explained(page("blueGreenDeploy").split("What every step takes:")[1]));
        return keys;
    }

    private static List<String> explained(String page) {
        return Pattern.compile("(?m)^  ([a-z][A-Za-z.]*)(?: \\(.*?\\))?: ").matcher(page.replaceAll("\n    +", " ")).results().map(m -> m.group(1)).toList();
    }

    /** The paragraph that names keys, in one line. */
    private static String inShort(String page) {
        Matcher m = Pattern.compile("(?ms)^Keys explained (.*?)\\.$").matcher(page);
        return m.find() ? m.group(1).replace('\n', ' ') : "";
    }
}
