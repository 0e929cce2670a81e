package ecsbg.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What Jenkins' sandbox refuses, in transformed code and in `@NonCPS` methods. */
class SandboxTest {
    @TempDir Path tmp;

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "env['A'] = 'b'                                | staticMethod org.codehaus.groovy.runtime.DefaultGroovyMethods putAt java.lang.Object java.lang.String java.lang.Object",
        "env['A']                                      | staticMethod org.codehaus.groovy.runtime.DefaultGroovyMethods getAt java.lang.Object java.lang.String",
        "groovy.json.JsonOutput.toJson([1])            | staticMethod groovy.json.JsonOutput toJson java.lang.Object",
        "new groovy.json.JsonSlurperClassic()          | new groovy.json.JsonSlurperClassic",
        "new File('/etc/passwd')                       | new java.io.File java.lang.String",
        "['/etc/passwd'] as File                       | new java.io.File java.lang.String",
        "System.getenv('PATH')                         | staticMethod java.lang.System getenv java.lang.String",
        "'id'.execute()                                | staticMethod org.codehaus.groovy.runtime.DefaultGroovyMethods execute java.lang.String",
        "currentBuild.rawBuild                         | method ecsbg.pipeline.Globals$CurrentBuild getRawBuild",
        "new hudson.AbortException('x')                | new hudson.AbortException java.lang.String",
        "new IllegalArgumentException('x')             | new java.lang.IllegalArgumentException java.lang.String",
        "Class.forName('java.io.File')                 | staticMethod java.lang.Class forName java.lang.String",
        "String.class.classLoader                      | method java.lang.Class getClassLoader",
        "'a'.metaClass                                 | staticMethod org.codehaus.groovy.runtime.DefaultGroovyMethods getMetaClass java.lang.Object",
        "Thread.sleep(1)                               | staticMethod java.lang.Thread sleep long",
        "[1].stream()                                  | method java.util.Collection stream",
    })
    void refuses(String expression, String signature) {
        for (String script : List.of(expression, "[1].each { " + expression + " }", "@NonCPS def f() { " + expression.replace("env['A'] = 'b'", "env.putAt('A', 'b')") + " }\nf()")) {
            Run r = Pipeline.of(script).home(tmp).run();
            if (script.startsWith("@NonCPS") && expression.contains(" as ")) continue;
            assertEquals(List.of(signature), r.refusals, script + "\n" + r.text());
            assertEquals("FAILURE", r.result);
            assertTrue(r.logged("Scripts not permitted to use " + signature), r.text());
        }
    }

    @Test
    void aSwallowedRefusalIsStillKnown() {
        Run r = Pipeline.of("try { new File('x') } catch (Throwable t) { }").home(tmp).run();
        assertEquals("SUCCESS", r.result);
        assertEquals(List.of("new java.io.File java.lang.String"), r.refusals);
    }

    @Test
    void causesOfAnInterruptionAreOutOfReach() {
        Run r = Pipeline.of("timeout(1) { try { sleep 999 } catch (org.jenkinsci.plugins.workflow.steps.FlowInterruptedException e) { e.causes } }").home(tmp).run();
        assertEquals(List.of("method org.jenkinsci.plugins.workflow.steps.FlowInterruptedException getCauses"), r.refusals);
    }
}
