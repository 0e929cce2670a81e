package ecsbg.library;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ecsbg.aws.Json;
import ecsbg.pipeline.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Building and pushing the image, and Jenkinsfile.example, which does that and deploys. */
@Execution(ExecutionMode.CONCURRENT)
class ImageTest {
    private static final String IMAGE = "node('docker') {\n checkout scm\n Map b = ecsBuildImage(params.keys)\n Map p = ecsPushImage(params.keys)\n"
        + " echo 'BUILT ' + groovy.json.JsonOutput.toJson(b)\n echo 'PUSHED ' + groovy.json.JsonOutput.toJson(p)\n}";
    @TempDir Path tmp;
    private World w;
    private Repository repository;

    @BeforeEach
    void world() {
        Example example = new Example(tmp);
        w = example.w;
        repository = example.repository;
    }

    private static Map<String, Object> said(Run r, String word) {
        assertEquals("SUCCESS", r.result, r.text());
        return Json.read(r.log.stream().filter(l -> l.startsWith(word + " ")).findFirst().orElseThrow(() -> new AssertionError(r.text())).substring(word.length() + 1));
    }

    private String reference() {
        return w.account.id + ".dkr.ecr.eu-west-1.amazonaws.com/web:" + repository.commit;
    }

    @Test
    void theMakefilesTargetsBuildAndPushWhatIsTaggedWithTheCommit() throws IOException {
        Run r = w.run(IMAGE);
        Map<String, Object> built = said(r, "BUILT");
        assertEquals(reference(), Json.at(built, "image.reference"));
        assertEquals(true, Json.at(built, "image.commandRun"));
        assertEquals(false, built.get("changed"), "nothing in AWS");
        Map<String, Object> pushed = said(r, "PUSHED");
        assertTrue(String.valueOf(Json.at(pushed, "image.digest")).startsWith("sha256:"), pushed.toString());
        assertEquals(true, pushed.get("changed"), "the repository has a new tag");
        assertTrue(repository.docker().contains("push " + reference()), repository.docker().toString());
        assertTrue(repository.docker().stream().anyMatch(l -> l.startsWith("build --build-arg APP_VERSION=")), "as the Makefile says");
        assertEquals(2, r.steps("sh").size());
    }

    @Test
    void aTagThatIsThereIsNeitherBuiltNorPushedAgain() throws IOException {
        w.account.images("web", repository.commit);
        Run r = w.run(IMAGE);
        assertEquals(false, Json.at(said(r, "BUILT"), "image.commandRun"));
        assertEquals(false, Json.at(said(r, "PUSHED"), "image.commandRun"));
        assertTrue(String.valueOf(Json.at(said(r, "PUSHED"), "image.digest")).startsWith("sha256:"));
        assertTrue(repository.docker().stream().noneMatch(l -> l.startsWith("build") || l.startsWith("push")), repository.docker().toString());
    }

    @Test
    void withoutAMakefilesTargetDockerItselfIsCalled() throws IOException {
        Files.writeString(repository.dir.resolve("Makefile"), "# build-image: only a comment\nother:\n\ttrue\n");
        repository.commit();
        Run r = w.with("context", "app").with("dockerfile", "app/Dockerfile").run(IMAGE);
        said(r, "PUSHED");
        assertTrue(repository.docker().contains("build -t " + reference() + " -f app/Dockerfile app"), repository.docker().toString());
        assertTrue(repository.docker().contains("push " + reference()));
    }

    @Test
    void anotherMakefileMayBeNamed() throws IOException {
        Files.writeString(repository.dir.resolve("build.mk"), "build-image push-image:\n\t@echo \"TARGET $@ of $(REPO_NAME) $(GIT_COMMIT) in $(REGION) at $(REGISTRY)\" >&2; test $@ = build-image || docker push $(REGISTRY)/$(REPO_NAME):$(GIT_COMMIT)\n");
        repository.commit();
        Run r = w.with("makefile", "build.mk").run(IMAGE);
        said(r, "PUSHED");
        assertTrue(r.logged("TARGET build-image of web " + repository.commit + " in eu-west-1 at " + w.account.id + ".dkr.ecr.eu-west-1.amazonaws.com"), r.text());
    }

    @Test
    void aMakefileThatCannotBeReadIsAnErrorInGrepsWordsAndNotDockersTurn() throws IOException {
        for (String[] named : new String[][] {{"nowhere.mk", "No such file"}, {"deploy", "s a directory"}}) {
            Run r = w.with("makefile", named[0]).run(IMAGE);
            assertEquals("FAILURE", r.result, r.text());
            assertTrue(r.log.stream().anyMatch(l -> l.contains(named[0]) && l.contains(named[1])), r.text());
            assertTrue(repository.docker().stream().noneMatch(l -> l.startsWith("build")), repository.docker().toString());
        }
    }

    @Test
    void aBuildThatFailsFailsTheStep() throws IOException {
        Files.writeString(repository.dir.resolve("Makefile"), "build-image:\n\t@echo 'no such base image' >&2; exit 3\n");
        repository.commit();
        Run r = w.run(IMAGE);
        assertEquals("FAILURE", r.result, r.text());
        assertTrue(r.logged("no such base image") && r.logged("ERROR: ecs-bg ecr-login: "), r.text());
    }

    @Test
    void theLoginsTokenIsSeenByNobody() throws IOException {
        Run r = w.run(IMAGE);
        said(r, "PUSHED");
        assertTrue(repository.docker().get(0).matches("login .*--password-stdin.*"), repository.docker().toString());
        Object token = Json.at(w.last("GetAuthorizationToken"), "params");
        assertFalse(r.logged("AWS:") || repository.docker().toString().contains("-p "), String.valueOf(token));
    }

    // ---- Jenkinsfile.example ----

    @Test
    void theExampleDeploysAsItIs() throws IOException {
        Run r = w.run(Example.SCRIPT);
        assertEquals("SUCCESS", r.result, r.text());
        assertEquals("promoted", World.report(r).get("outcome"));
        assertEquals(reference(), World.report(r).get("image"));
        assertEquals(2 + 1 + 9, r.steps("sh").size(), "two for the image, the team's smoke test, one for each action and the report");
        assertTrue(r.logged("smoke: /healthz ") && r.log.contains("web: promoted"), r.text());
        assertTrue(r.executors.stream().noneMatch(x -> x.heldByInput));
        w.state().isSettledOn(World.OURS, World.OURS);
    }

    @Test
    void theExampleUndoesAVersionThatFailsItsSmokeTest() throws IOException {
        w.setting(p -> p.env("SMOKE_RETRIES", "0"));
        repository.usersAskOf("nobody");
        Run r = w.run(Example.SCRIPT);
        assertEquals("FAILURE", r.result, r.text());
        assertEquals("rolledBack", World.report(r).get("outcome"));
        assertTrue(r.log.contains("web: rolledBack"), "notify was called");
        w.state().liveNeverMoved();
        w.state().isSettledOn(World.OLD, World.OLD);
    }
}
