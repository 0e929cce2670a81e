package ecsbg.rehearsal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ecsbg.aws.Program;
import ecsbg.pipeline.Files2;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Whole rehearsals, of repositories as teams have them. Each has a stand-in for AWS of its own. */
@Execution(ExecutionMode.CONCURRENT)
class RehearsalTest {
    private static final Path ROOT = Path.of("").toAbsolutePath().getParent().getParent();
    @TempDir Path tmp;

    private record Ended(boolean held, String said) {
        void says(String pattern) {
            assertTrue(Pattern.compile(pattern, Pattern.MULTILINE).matcher(said).find(), "no " + pattern + " in:\n" + said);
        }
    }

    /** examples/, with this as its Jenkinsfile. */
    private Path team(String jenkinsfile) throws Exception {
        Path team = tmp.resolve("team");
        Files2.copyTree(ROOT.resolve("examples"), team);
        Files.writeString(team.resolve("Jenkinsfile"), jenkinsfile);
        return team;
    }

    private static Ended rehearse(Path repository, Map<String, String> given) throws Exception {
        Map<String, String> all = new HashMap<>(Map.of("REPO", repository.toString(), "PACE", "0.1"));
        all.putAll(given);
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        boolean held = Rehearse.run(Options.of(all, ROOT), new Program(ROOT.resolve(System.getProperty("ecsbg.binary", "target/debug/ecs-bg"))), new PrintStream(said, true, StandardCharsets.UTF_8));
        return new Ended(held, said.toString(StandardCharsets.UTF_8));
    }

    @Test
    void theExampleIsPromoted() throws Exception {
        Ended e = rehearse(ROOT.resolve("examples"), Map.of("JENKINSFILE", "Jenkinsfile.example"));
        assertTrue(e.held, e.said);
        e.says("^✓ good\n  ✓ the build ended SUCCESS\n  ✓ the new version is live; its report says promoted\n  ✓ 0 of [1-9]\\d+ requests failed\n");
        e.says("^    \\d+ requests, 0 failed; answered: (\\d+ by \\w+, )*\\d+ by before");
        // the smoke test asked the new version, on the test listener that is there
        e.says("smoke: /healthz \\{\"status\":\"ok\",\"version\":\"[0-9a-f]{40}\"\\}");
        e.says("seen by users, new part");
    }

    @Test
    void anUnhealthyVersionOfItIsRolledBackBeforeAnybodyIsAsked() throws Exception {
        Ended e = rehearse(ROOT.resolve("examples"), Map.of("JENKINSFILE", "Jenkinsfile.example", "SCENARIO", "unhealthy"));
        assertTrue(e.held, e.said);
        e.says("^✓ unhealthy\n  ✓ the build ended FAILURE\n  ✓ the old version is live; its report says rolledBack\n  ✓ live traffic was never moved\n");
        assertFalse(e.said.contains("  asked: "), e.said);
    }

    @Test
    void eachServiceOfAJenkinsfileHasAWorldOfItsOwn() throws Exception {
        Path team = team("""
            Map places(String name, String listener) {
              String elb = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:'
              return [region: 'eu-west-1', cluster: 'prod', service: name, agent: 'linux', image: name + ':2', listeners: [live: elb + 'listener/app/all/1/' + listener],
                targetGroups: [blue: elb + "targetgroup/${name}-blue/1", green: elb + "targetgroup/${name}-green/2"]]
            }
            parallel(shop: { blueGreenDeploy(places('shop', '3') + [taskDefinition: 'deploy/taskdef.json']) }, cart: { blueGreenDeploy(places('cart', '4')) })
            """);
        Ended e = rehearse(team, Map.of("SCENARIO", "unhealthy"));
        assertTrue(e.held, e.said);
        for (String service : new String[] {"shop", "cart"}) {
            e.says("^  " + service + " in cluster prod\n  ✓ the build ended FAILURE\n  ✓ the old version is live; its report says rolledBack\n  ✓ live traffic was never moved\n"
                + "  ✓ 0 of [1-9]\\d+ requests failed\n");
        }
    }

    @Test
    void whatAWorldCannotBeMadeOfIsSaid() throws Exception {
        Path team = team("blueGreenDeploy(config: ['deploy/ecs.yml', 'deploy/prod.yml'], image: 'web:1', agent: 'linux', checkout: true)");
        Path places = team.resolve("deploy/prod.yml");
        Files.writeString(places, Files.readString(places).replace("listener/app/", "listener/net/"));
        Ended e = rehearse(team, Map.of());
        assertFalse(e.held);
        e.says("a rehearsal cannot make web in cluster web: .*listener/net/web/23456789abcdef01/3456789abcdef012' is no ARN of an Application Load Balancer");
        assertFalse(e.said.contains("\tat "), e.said);
    }

    @Test
    void aVersionThatFailsIsStoppedByTheGate() throws Exception {
        Path team = team("""
            blueGreenDeploy(config: ['deploy/ecs.yml', 'deploy/prod.yml'], image: '111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1f3c',
              agent: 'linux', canary: [[weight: 50, bake: '10m']], gates: [errors: true])
            """);
        Ended e = rehearse(team, Map.of("SCENARIO", "errors", "PACE", "1"));
        assertTrue(e.held, e.said);
        e.says("^✓ errors\n  ✓ the build ended FAILURE\n  ✓ the old version is live; its report says rolledBack\n  ! stopped after [1-9]\\d* failed requests\n");
        e.says("gate errors failed in canary 1/1 \\(50 %\\)");
    }

    @Test
    void stepsOfPluginsAreNamedWithTheirLinesAndAnsweredFromAFile() throws Exception {
        Path team = team("""
            List config = ['deploy/ecs.yml', 'deploy/prod.yml']
            node('linux') {
              checkout scm
              withCredentials([usernamePassword(credentialsId: 'x', usernameVariable: 'WHO', passwordVariable: 'WORD')]) {
                sh 'test "$WHO-$WORD" = me-secret && echo as it should be'
              }
              echo "version ${readVersion(file: 'deploy/ecs.yml')}"
            }
            blueGreenDeploy(config: config, image: '111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1f3c', agent: 'linux', checkout: true)
            slackSend 'over'
            """);
        Wrong wrong = assertThrows(Wrong.class, () -> rehearse(team, Map.of()));
        for (String part : new String[] {"withCredentials          line 4", "readVersion              line 7", "slackSend                line 10"}) {
            assertTrue(wrong.getMessage().contains(part), wrong.getMessage());
        }
        assertFalse(Files.exists(team.resolve(".git")));
        Files.writeString(team.resolve("steps.yml"), """
            slackSend: null
            readVersion: {sh: 'echo "$STEP_ARGUMENTS" | tr -d "\\n"; printf " %s" "$(head -c 6 deploy/ecs.yml)"'}
            withCredentials: {env: {WHO: me, WORD: secret}}
            """);
        Ended e = rehearse(team, Map.of("SCENARIO", "abort@swap-live"));
        assertTrue(e.held, e.said);
        e.says("as it should be");
        e.says("version \\{\"file\":\"deploy/ecs.yml\"\\} # What");
        e.says("^✓ abort@swap-live\n  ✓ abort@swap-live happened\n  ✓ the build ended ABORTED\n  ✓ the old version is live; its report says rolledBack\n");
        assertEquals(1, e.said.split("━━━ abort@swap-live", -1).length - 1);
    }

    /** The whole of it takes minutes; what it begins with has to be as it says. */
    @Test
    void theWalkInTheDocumentationBeginsAsItSays() throws Exception {
        String page = Files.readString(ROOT.resolve("docs/rehearsal.md"));
        String commands = page.split("<!-- walk -->\n```sh\n")[1].split("```")[0].replaceFirst("make -C .*\n", "");
        assertEquals(0, new ProcessBuilder("sh", "-ec", commands).directory(tmp.toFile()).inheritIO().start().waitFor());
        Wrong wrong = assertThrows(Wrong.class, () -> rehearse(tmp.resolve("shop"), Map.of()));
        assertTrue(page.contains("\nmake rehearse: " + wrong.getMessage() + "\n"), wrong.getMessage());
    }

    @Test
    void aConfigurationThatCannotBeIsSaidByTheProgramAsInJenkins() throws Exception {
        Ended e = rehearse(team("blueGreenDeploy(config: 'deploy/nowhere.yml', image: 'web:1', agent: 'linux')"), Map.of());
        assertFalse(e.held);
        e.says("cannot read the config file deploy/nowhere.yml");
        e.says("✗ no deployment came: the build ended before: .*deploy/nowhere.yml");
    }
}
