package ecsbg.rehearsal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** What `make rehearse` is asked for. */
class OptionsTest {
    @TempDir Path tmp;
    private Path team;
    private Path library;

    @BeforeEach
    void aRepository() throws IOException {
        team = Files.createDirectory(tmp.resolve("team"));
        library = Files.createDirectory(tmp.resolve("library"));
        Files.createDirectory(tmp.resolve("empty"));
        Files.writeString(team.resolve("Jenkinsfile"), "");
        Files.writeString(team.resolve("list.yml"), "- slackSend");
        Files.writeString(team.resolve("broken.yml"), "slackSend: [");
        Files.writeString(team.resolve("both.yml"), "slackSend: {result: 1, sh: date}");
        Files.writeString(team.resolve("env.yml"), "withCredentials: {env: TOKEN}");
        Files.writeString(team.resolve("other.yml"), "web: {run: ./serve}");
        Files.writeString(team.resolve("nothing.yml"), "web:");
    }

    private Options options(String... pairs) throws Wrong {
        Map<String, String> given = new HashMap<>(Map.of("REPO", team.toString()));
        for (int n = 0; n < pairs.length; n += 2) given.put(pairs[n], pairs[n + 1]);
        return Options.of(given, library);
    }

    @Test
    void onlyTheRepositoryHasToBeSaid() throws Wrong {
        Options o = options("SCENARIO", "", "WHO", " ");
        assertEquals(List.of(new Scenario(Scenario.Kind.GOOD, null)), o.scenarios());
        assertEquals(team.resolve("Jenkinsfile"), o.jenkinsfile());
        assertNull(o.steps());
        assertEquals(Map.of("", Map.of("instead", true)), o.images());
        assertEquals(new Answers("approve", null, "Delete"), o.answers());
    }

    @Test
    void filesAreOfTheRepositoryOrOfWhereMakeIsCalled() throws Exception {
        Files.writeString(team.resolve("steps.yml"), "");
        Files.writeString(library.resolve("Jenkinsfile.example"), "");
        Options o = options("JENKINSFILE", "Jenkinsfile.example");
        assertEquals(library.resolve("Jenkinsfile.example"), o.jenkinsfile());
        assertEquals(team.resolve("steps.yml"), o.steps());
    }

    @Test
    void anImageIsACommandInTheRepository() throws Exception {
        Files.writeString(team.resolve("images.yml"), "web: ./serve --port 8080\nworker: {command: [node, worker.js], directory: worker}");
        Map<String, Object> images = options("IMAGES", "images.yml").images();
        assertEquals(Map.of("command", List.of("sh", "-c", "exec ./serve --port 8080"), "instead", true, "directory", team.toString()), images.get("web"));
        assertEquals(Map.of("command", List.of("node", "worker.js"), "instead", true, "directory", team.resolve("worker").toString()), images.get("worker"));
    }

    @TestFactory
    Stream<DynamicTest> whatIsWrongIsSaidBeforeAnythingStarts() {
        return Stream.of(
            List.of("REPO", "", "REPO: which repository?"),
            List.of("REPO", "nowhere", "/nowhere is not a directory"),
            List.of("REPO", ".", "holds this library"),
            List.of("REPO", "../empty", "has no Jenkinsfile; name another one with JENKINSFILE="),
            List.of("JENKINSFILE", "Jenkinsfile.prod", "JENKINSFILE: there is no file Jenkinsfile.prod in "),
            List.of("SCENARIO", "god", "SCENARIO: 'god' is not one of good, unhealthy, errors, slow, throttled, abort@STEP, agent-lost@STEP"),
            List.of("SCENARIO", "good,", "SCENARIO: '' is not one of"),
            List.of("SCENARIO", "abort", "SCENARIO: abort needs a step"),
            List.of("SCENARIO", "errors@swap-live", "SCENARIO: errors is not of a step: without @swap-live"),
            List.of("PACE", "fast", "PACE: 'fast' is not a number of seconds"),
            List.of("PACE", "0", "PACE: '0'"),
            List.of("PACE", "61", "PACE: '61'"),
            List.of("ANSWERS", "yes", "ANSWERS: 'yes' is not one of approve, reject, ask"),
            List.of("CLEANUP", "delete", "CLEANUP: 'delete' is not one of Delete, Keep"),
            List.of("HEALTH", "healthz", "HEALTH: 'healthz' is not a path"),
            List.of("RATE", "1001", "RATE: '1001' is not a number of requests a second, from 1 to 1000"),
            List.of("VARIABLES", "A=1 B", "VARIABLES: 'B' is not NAME=value"),
            List.of("PARAMETERS", "=1", "PARAMETERS: '=1' is not NAME=value"),
            List.of("STEPS", "own.yml", "STEPS: there is no file own.yml"),
            List.of("STEPS", "list.yml", "list.yml is not a map from a step's name to its result"),
            List.of("STEPS", "broken.yml", "broken.yml cannot be read: "),
            List.of("STEPS", "both.yml", "slackSend has a result and a script: one of the two"),
            List.of("STEPS", "env.yml", "withCredentials: env is not a map of variables"),
            List.of("IMAGES", "list.yml", "list.yml is not a map from a part of an image's name to its command"),
            List.of("IMAGES", "other.yml", "web has other keys than command and directory"),
            List.of("IMAGES", "nothing.yml", "web has no command")
        ).map(row -> DynamicTest.dynamicTest(row.get(0) + "=" + row.get(1), () -> {
            Wrong wrong = assertThrows(Wrong.class, () -> OwnSteps.read(options(row.get(0), row.get(1)).steps()));
            assertTrue(wrong.getMessage().contains(row.get(2)), wrong.getMessage());
        }));
    }
}
