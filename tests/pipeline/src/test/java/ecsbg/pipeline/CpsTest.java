package ecsbg.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program: suspended at each step, saved, and read back. */
class CpsTest {
    @TempDir Path tmp;

    private Run run(String script) {
        return Pipeline.of(script).home(tmp.resolve("home")).stepLines(false).run();
    }

    @Test
    void savesAtEveryStepAndGoesOnFromTheCopy() {
        Run r = run("def list = [1]\nlist.add(2)\necho list.toString()\nlist.add(3)\nfor (x in list) { echo \"x$x\" }\n"
            + "list.each { echo \"each $it\" }\necho list.collect { n -> echo 'in'; n * 2 }.toString()");
        assertEquals("SUCCESS", r.result, r.text());
        assertEquals(r.steps.size(), r.saves);
        assertTrue(r.logged("[2, 4, 6]") && r.logged("x3") && r.logged("each 2"), r.text());
    }

    @Test
    void whatCannotBeSavedEndsTheBuild() {
        Run r = run("def json = new groovy.json.JsonSlurper().parseText('{\"a\": 1}')\ntry { echo json.a.toString() } catch (Throwable t) { }");
        assertEquals("FAILURE", r.result);
        assertInstanceOf(UnsavableException.class, r.failure);
        assertTrue(r.logged("groovy.json.internal.LazyMap"), r.text());
    }

    @Test
    void aMatcherCannotBeSaved() {
        Run r = run("def m = ('abc' =~ /b/)\necho 'x'");
        assertTrue(r.logged("java.util.regex.Matcher"), r.text());
    }

    @Test
    void aMapsOwnIteratorCannotBeSavedButCopiesCan() {
        assertTrue(run("for (e in [a: 1, b: 2]) { echo 'x' }").failure instanceof UnsavableException);
        Run r = run("def m = [a: 1, b: 2]\nfor (e in m.entrySet()) { echo e.key }\nfor (k in m.keySet()) { echo k }\nm.each { k, v -> echo \"$k$v\" }");
        assertEquals("SUCCESS", r.result, r.text());
        assertTrue(r.logged("b2"));
    }

    @Test
    void nonCpsMethodsRunAtOnceAndMayNotCallSteps() {
        Run good = run("@NonCPS def twice(List l) { l.collect { it * 2 } }\necho twice([1, 2]).toString()");
        assertTrue(good.logged("[2, 4]"), good.text());
        Run bad = run("@NonCPS def no() { echo 'x' }\nno()");
        assertEquals(1, bad.mismatches.size(), bad.text());
        assertTrue(bad.mismatches.get(0).contains("expected to call no but wound up catching echo"));
    }

    /** The first run's thread is not the only one that is told. */
    @Test
    void aCallOfAStepFromCodeThatIsNotCpsIsSeenOnEveryThread() throws Exception {
        run("echo 'x'");
        List<String> seen = new ArrayList<>();
        Thread other = new Thread(() -> seen.addAll(run("@NonCPS def no() { echo 'x' }\nno()").mismatches));
        other.start();
        other.join();
        assertEquals(1, seen.size());
    }

    @Test
    void filesOfVarsCallEachOtherAndKeepTheirFields() throws Exception {
        Path vars = Files.createDirectory(tmp.resolve("vars"));
        Files.writeString(vars.resolve("outer.groovy"), "def call(Map args, Closure body) { inner.say(args.x); body(); return inner.said }\n");
        Files.writeString(vars.resolve("inner.groovy"), "import groovy.transform.Field\n@Field List said = []\ndef say(x) { echo \"said $x\"; said.add(x) }\n");
        Run r = Pipeline.of("@Library('any@v1') _\nouter(x: 1) { echo 'body' }\necho outer(x: 2) { }.toString()").library(vars, null).home(tmp.resolve("h")).run();
        assertEquals("SUCCESS", r.result, r.text());
        assertTrue(r.logged("[1, 2]"), r.text());
    }

    @Test
    void anUnknownStepIsNamedAsInJenkins() {
        Run r = run("try { lock('x') { } } catch (NoSuchMethodError e) { echo 'caught ' + e.message }");
        assertTrue(r.logged("caught No such DSL method 'lock' found among steps [archiveArtifacts, "), r.text());
        assertTrue(r.logged(" or symbols [") && r.logged(" or globals ["));
    }

    @Test
    void exceptionsPassThroughBlocks() {
        Run r = run("try { stage('a') { withEnv(['A=b']) { error 'no' } } } catch (e) { echo \"caught ${e.message}\" } finally { echo 'finally' }\nassert 1 == 2");
        assertTrue(r.logged("caught no") && r.logged("finally"));
        assertEquals("FAILURE", r.result);
        assertTrue(r.failure.getClass().getSimpleName().equals("PowerAssertionError"), String.valueOf(r.failure));
    }

    @Test
    void environmentParamsAndTheBuildsRecord() {
        Run r = Pipeline.of("echo \"${params.P} ${env.BUILD_TAG} ${env.WORKSPACE}\"\nenv.X = 'y'\nwithEnv(['Z=1', 'X=']) { echo \"${env.Z} ${env.X}\" }\n"
            + "echo \"${env.X} ${env.Z}\"\ncurrentBuild.description = 'd'\ncurrentBuild.result = 'UNSTABLE'\ncurrentBuild.result = 'SUCCESS'")
            .param("P", "v").home(tmp).run();
        assertTrue(r.logged("v jenkins-shop-web-7 null") && r.logged("1 null") && r.logged("y null"), r.text());
        assertEquals("UNSTABLE", r.result);
        assertEquals("d", r.description);
    }

    @Test
    void theClockIsWoundOnAndTheScriptSeesIt() {
        Run r = run("long t = System.currentTimeMillis()\nDate d = new Date()\nsleep time: 2, unit: 'HOURS'\nnode { sleep 3 }\n"
            + "echo \"waited ${(System.currentTimeMillis() - t).intdiv(1000)} ${(new Date().time - d.time).intdiv(1000)}\"");
        assertTrue(r.logged("waited 7203 7203"), r.text());
        assertTrue(r.logged("[clock] wound on 1 hr 59 min") || r.logged("[clock] wound on 2 hr"), r.text());
        assertTrue(r.realMillis < 3000);
    }
}
