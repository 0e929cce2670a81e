package ecsbg.rehearsal;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What a Jenkinsfile calls that is not here, found without running it. */
class UnknownStepsTest {
    private static final Set<String> KNOWN = Set.of("node", "stage", "sh", "echo", "checkout", "blueGreenDeploy", "string", "input", "properties");

    private static UnknownSteps read(String script, String... answered) throws Wrong {
        Set<String> known = new HashSet<>(KNOWN);
        known.addAll(List.of(answered));
        return UnknownSteps.of(Jenkinsfile.read("Jenkinsfile", script), known, Set.of(answered));
    }

    @Test
    void allOfThemAreNamedAtOnceWithTheirLinesAndWhatToDo() throws Wrong {
        UnknownSteps unknown = read("""
            @Library(['ecs-blue-green@v1', 'house@main']) _
            node {
              withCredentials([string(credentialsId: 'a', variable: 'TOKEN'), usernamePassword(credentialsId: 'b')]) {
                slackSend 'begins'
                sh 'make'
              }
              houseNotify(channel: 'ops')
              slackSend color: 'good', message: "done"
              docker.image('maven').inside { sh 'mvn verify' }
            }
            """);
        Wrong wrong = assertThrows(Wrong.class, () -> unknown.refuse("Jenkinsfile"));
        for (String part : List.of("withCredentials          line 3", "slackSend                lines 4, 8", "houseNotify              line 7", "docker (a variable)      line 9",
            "the steps of house are as unknown", "slackSend: null", "steps.yml")) {
            assertTrue(wrong.getMessage().contains(part), part + " in:\n" + wrong.getMessage());
        }
        assertEquals(Set.of("usernamePassword"), unknown.symbols());
    }

    @TestFactory
    Stream<DynamicTest> whatAScriptHasItselfIsKnown() {
        return Stream.of(
            "def deploy(String to) { sh 'x' }\nnode { deploy('prod') }",
            "Closure work = { echo it }\nnode { work('a') }",
            "work = { echo it }\nnode { work('a') }",
            "for (name in ['a']) { node { echo name.trim() } }",
            "node { checkout scm\n echo env.BUILD_TAG + params.X + currentBuild.result }",
            "node { checkout([$class: 'GitSCM', extensions: [cloneOption(depth: 1)]]) }",
            "try { node { sh 'x' } } catch (e) { echo e.message }",
            "String s = sh(script: 'x').trim()\nJAVA_HOME.length()",
            "List l = [1]\nl.each { n -> echo n.toString() }"
        ).map(script -> DynamicTest.dynamicTest(script, () -> assertDoesNotThrow(() -> read(script).refuse("Jenkinsfile"))));
    }

    @Test
    void whatStepsYmlAnswersIsKnownWithTheWordsInItsArguments() {
        assertDoesNotThrow(() -> read("withCredentials([usernamePassword(credentialsId: 'b')]) { sh 'make' }", "withCredentials").refuse("Jenkinsfile"));
    }

    @Test
    void aDeclarativePipelineIsSaidToBeNone() throws Wrong {
        UnknownSteps declarative = read("pipeline { agent any\n stages { stage('x') { steps { sh 'x' } } } }");
        assertTrue(assertThrows(Wrong.class, () -> declarative.refuse("Jenkinsfile")).getMessage().contains("is a Declarative pipeline"));
    }

    @Test
    void aScriptThatIsNoGroovyIsSaidWithItsLine() {
        assertTrue(assertThrows(Wrong.class, () -> read("node {\n  sh 'x\n}")).getMessage().contains("Jenkinsfile: 2"));
    }
}
