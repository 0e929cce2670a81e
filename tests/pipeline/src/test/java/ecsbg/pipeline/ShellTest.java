package ecsbg.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Steps that touch an agent: `sh`, files, the archive. */
class ShellTest {
    @TempDir Path tmp;

    private Pipeline pipeline(String script) {
        return Pipeline.of(script).home(tmp.resolve("home")).stepLines(false);
    }

    @Test
    void shIsRunTracedAndReturnsWhatIsAskedFor() {
        Run r = pipeline("node {\n def out = sh(script: 'echo out; echo err >&2', returnStdout: true)\n echo \"[${out}]\"\n"
            + " echo 'status ' + sh(script: 'exit 3', returnStatus: true)\n"
            + " try { sh 'false; echo not reached' } catch (hudson.AbortException e) { echo e.message }\n"
            + " try { sh(script: 'echo lost; exit 4', returnStdout: true) } catch (e) { echo e.message }\n"
            + " try { sh(script: 'x', returnStdout: true, returnStatus: true) } catch (e) { echo e.message }\n}").run();
        assertEquals("SUCCESS", r.result, r.text());
        assertTrue(r.log.contains("[out") && r.log.contains("err") && r.log.contains("+ echo out"), r.text());
        assertTrue(r.logged("status 3") && r.logged("script returned exit code 1") && r.logged("script returned exit code 4") && r.logged("lost"));
        assertTrue(r.logged("You may not select both returnStdout and returnStatus."));
        assertFalse(r.logged("not reached"));
    }

    @Test
    void theEnvironmentIsTheFramesAndNothingElse() {
        Run r = pipeline("node('a') { withEnv(['V=q\"$(id)`\\'ü\\nx', 'PATH+X=/first']) { sh '''#!/bin/sh\nprintf '%s|' \"$V\"; echo; echo ${PATH%%:*}; env | cut -d= -f1 | sort | tr '\\\\n' ' ' ''' } }")
            .env("OF_AGENT", "1").run();
        assertTrue(r.logged("q\"$(id)`'ü") && r.logged("/first") && r.logged("OF_AGENT"), r.text());
        assertTrue(r.logged("WORKSPACE_TMP") && r.logged("NODE_NAME"));
        assertFalse(r.logged("JAVA_HOME") || r.logged("MAVEN"), "the runner's own environment must not be seen");
        assertFalse(r.logged("+ printf"), "a script that names its interpreter is not traced");
    }

    @Test
    void outsideOfNodeThereIsNoWorkspace() {
        Run r = pipeline("sh 'x'").run();
        assertEquals("FAILURE", r.result);
        assertTrue(r.logged("Required context class hudson.FilePath is missing"), r.text());
    }

    @Test
    void theStepEndsWithTheShellNotWithItsChildren() {
        Run r = pipeline("node { sh 'sleep 5 & echo started' }\necho 'after'").run();
        assertTrue(r.logged("after"));
        assertTrue(r.realMillis < 4800, "took " + r.realMillis);
    }

    @Test
    void aStringOfTheEnvironmentMayBeTooLong() {
        Run r = pipeline("node { withEnv(['A=' + 'x' * 140000]) { sh 'true' } }").run();
        assertEquals("FAILURE", r.result);
        assertTrue(r.logged("Argument list too long"), r.text());
    }

    @Test
    void filesAreWrittenReadArchivedAndStashed() throws Exception {
        Path resources = Files.createDirectories(tmp.resolve("resources/bin"));
        Files.write(resources.resolve("blob"), new byte[] {0, 1, (byte) 0xff});
        Path source = Files.createDirectories(tmp.resolve("source/deploy"));
        Files.writeString(source.resolve("a.yml"), "a: ü");
        Run r = pipeline("node('one') {\n checkout scm\n echo readFile(file: 'deploy/a.yml', encoding: 'UTF-8')\n"
            + " writeFile(file: 'x/blob', encoding: 'Base64', text: libraryResource(resource: 'bin/blob', encoding: 'Base64'))\n"
            + " sh 'od -An -tx1 x/blob'\n dir('x') { echo pwd() }\n echo pwd(tmp: true)\n echo \"exists ${fileExists('x/blob')} ${fileExists('y')}\"\n"
            + " archiveArtifacts(artifacts: 'x/**, deploy/*.yml')\n stash(name: 's', includes: 'x/*')\n"
            + " try { archiveArtifacts('none/*') } catch (e) { echo e.message }\n}\n"
            + "node('two') { unstash 's'; sh 'ls x'; deleteDir(); echo \"unix ${isUnix()}\" }\n"
            + "try { libraryResource('nope') } catch (e) { echo e.message }")
            .library(null, tmp.resolve("resources")).source(tmp.resolve("source")).run();
        assertEquals("SUCCESS", r.result, r.text());
        assertTrue(r.logged("a: ü") && r.logged("00 01 ff") && r.logged("workspace/web/x") && r.logged("web@tmp") && r.logged("exists true false"), r.text());
        assertTrue(r.logged("No artifacts found that match the file pattern \"none/*\"") && r.logged("No such library resource nope could be found."));
        assertEquals(java.util.List.of("deploy/a.yml", "x/blob"), r.archived);
    }

    @Test
    void twoLabelsHaveTwoWorkspacesAndExecutorsAreCounted() {
        Run r = pipeline("parallel(a: { node('one') { sh 'pwd; sleep 0.2' } }, b: { node('one') { sh 'pwd; sleep 0.2' } }, c: { node('two') { sh 'pwd' } })").run();
        assertEquals("SUCCESS", r.result, r.text());
        assertEquals(3, r.executors.stream().map(x -> x.workspace).distinct().count());
        Run one = pipeline("parallel(a: { node('one') { sh 'sleep 0.2' } }, b: { node('one') { echo 'in b' } })").executorsPerAgent(1).run();
        assertTrue(one.logged("[b] Waiting for next available executor on ‘one’") && one.logged("[b] in b"), one.text());
        Run none = pipeline("node('one') { node('one') { echo 'never' } }").executorsPerAgent(1).run();
        assertTrue(none.logged("the pipeline waits for ever"), none.text());
    }
}
