package ecsbg.library;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ecsbg.aws.Json;
import ecsbg.pipeline.Approver;
import ecsbg.pipeline.Run;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** blueGreenDeploy where all is well: first versions, further ones, kept ones, builds that are run again. */
@Execution(ExecutionMode.CONCURRENT)
class DeploymentTest {
    private static final List<String> ALL = List.of("preflight", "register-task-definition", "create-task-set", "wait-stable",
        "enable-test-listener", "swap-live", "set-primary", "delete-task-set");
    @TempDir Path tmp;

    private static void succeeded(Run r) {
        assertEquals("SUCCESS", r.result, r.text());
    }

    @Test
    void aWholeDeploymentTakesOneShForEachActionAndNoneForAnythingElse() {
        World w = new World(tmp);
        Run r = w.deploy();
        succeeded(r);
        assertEquals(ALL, World.actions(r));
        assertEquals(ALL.size() + 1, r.steps("sh").size());
        assertEquals(List.of("web: preflight", "web: create", "web: test", "web: approval", "web: swap", "web: bake", "web: cleanup approval", "web: cleanup"), r.stageNames());
        assertEquals(List.of("RegisterTaskDefinition", "CreateTaskSet", "ModifyListener", "ModifyListener", "UpdateServicePrimaryTaskSet", "DeleteTaskSet"), w.mutations());
        w.state().isSettledOn(World.OURS, World.OURS);
    }

    /** What `make bench` multiplies by what each step costs a real Jenkins (`tests/bench/steps.json`). */
    @Test
    void theStepsOfADeploymentThatNobodyIsAskedAboutAreThoseThatTheBenchCounts() throws Exception {
        Run r = new World(tmp).with("approve", false).with("cleanup", new LinkedHashMap<>(Map.of("approve", false, "bake", 0))).deploy();
        succeeded(r);
        Map<String, Long> counted = r.steps.stream().collect(Collectors.groupingBy(step -> step.name, TreeMap::new, Collectors.counting()));
        assertEquals(new groovy.json.JsonSlurper().parseText(Files.readString(World.ROOT.resolve("tests/bench/steps.json"))).toString(), counted.toString());
    }

    @Test
    void withDeregistrationAWholeDeploymentTakesExactlyNineSh() {
        World w = new World(tmp).deployed();
        Run r = w.with("deploymentId", "next-8").with("image", w.image("v3")).with("cleanup", new LinkedHashMap<>(Map.of("deregister", true))).deploy();
        succeeded(r);
        assertEquals(10, r.steps("sh").size(), World.actions(r).toString());
        assertEquals("deregister-task-definition", World.actions(r).get(8));
        assertTrue(w.mutations().contains("DeregisterTaskDefinition"));
        w.state().isSettledOn("next-8", "next-8");
        assertEquals(100, w.state().weight("live", "blue"), "back on blue; nobody named a colour");
    }

    @Test
    void theReportIsReturnedAndArchivedAndSaysEverything() {
        World w = new World(tmp);
        Run r = w.run("Map r = blueGreenDeploy(params.keys)\necho 'RESULT ' + groovy.json.JsonOutput.toJson(r)");
        succeeded(r);
        Map<String, Object> report = World.report(r);
        assertEquals(Stream.of("html", "json", "md", "svg", "xml").map(e -> "ecs-bg/web-" + World.OURS + "." + e).toList(), r.archived.stream().sorted().toList());
        assertTrue(r.logged("  https://jenkins.example/job/shop/job/web/7/artifact/ecs-bg/web-" + World.OURS + ".svg"), r.text());
        Map<String, Object> returned = Json.read(r.log.stream().filter(l -> l.startsWith("RESULT ")).findFirst().orElseThrow().substring(7));
        assertEquals(report, returned);
        assertEquals("promoted", report.get("outcome"));
        assertEquals("cleanup", report.get("phase"));
        assertEquals("web", report.get("service"));
        assertEquals("prod", report.get("cluster"));
        assertEquals("eu-west-1", report.get("region"));
        assertEquals(World.OURS, report.get("deploymentId"));
        assertEquals("https://jenkins.example/job/shop/job/web/7/", report.get("build"));
        assertEquals(w.image("v2"), report.get("image"));
        assertTrue(String.valueOf(report.get("taskDefinitionArn")).endsWith("task-definition/web:2"));
        assertTrue(String.valueOf(report.get("taskSetArn")).contains(":task-set/prod/web/"));
        assertEquals("http://" + w.text("loadBalancerDns") + ":9000", report.get("testUrl"));
        assertEquals("alice", report.get("approver"));
        assertEquals("alice", report.get("cleanupApprover"));
        assertEquals("green", Json.at(report, "live.colour"));
        assertEquals(World.OURS, Json.at(report, "live.deploymentId"));
        assertEquals(report.get("taskSetArn"), Json.at(report, "live.taskSetArn"));
        assertEquals(World.OLD, Json.at(report, "previous.deploymentId"));
        assertTrue(String.valueOf(Json.at(report, "previous.taskDefinitionArn")).endsWith("web:1"));
        assertEquals(true, Json.at(report, "previous.deleted"));
        assertEquals(2, ((List<?>) report.get("weights")).size());
        assertNull(report.get("error"));
        assertNull(report.get("rollback"));
        Map<?, ?> seconds = (Map<?, ?>) report.get("seconds");
        assertTrue(seconds.keySet().containsAll(ALL) && seconds.keySet().containsAll(Set.of("approval", "bake")), seconds.toString());
        assertTrue(((Number) seconds.get("bake")).intValue() >= 600, seconds.toString());
        assertEquals("web: promoted web:2 (live: green)", r.description);
    }

    /** Jobs in folders in folders, and jobs of other languages. */
    @Test
    void aBuildOfAnyNameDeploysAndIsReported() {
        String folders = "jenkins-" + "folder-".repeat(40);
        for (String tag : List.of("jenkins-" + "x".repeat(238) + "-17", folders.substring(0, 252) + "-17", folders + "17", folders + "\ud83d\ude00".repeat(20) + "-17",
            "x".repeat(237) + "\ud83d\ude00" + "-".repeat(20), "jenkins-तैनाती (prod) #46-17")) {
            World w = new World(tmp.resolve(Integer.toHexString(tag.hashCode()))).setting(p -> p.env("BUILD_TAG", tag)).with("validate", null);
            Run r = w.run(World.DEPLOY + "\necho 'STATUS ' + ecsPreflight(params.keys).live.deploymentId\necho 'ROLLBACK ' + ecsScaleTaskSet(params.keys + [scale: 100]).deploymentId");
            succeeded(r);
            String id = String.valueOf(World.report(r).get("deploymentId"));
            assertEquals(id, Json.at(w.last("CreateTaskSet"), "params.externalId"));
            assertTrue(r.logged("STATUS " + id) && r.logged("ROLLBACK " + id), r.text());
            assertTrue(tag.length() <= 255 ? id.equals(tag) : id.length() <= 255 && id.startsWith(tag.substring(0, 200)) && id.matches("(?s).*-[0-9a-f]{16}"), id);
            String file = r.archived.get(0);
            assertTrue(file.matches("ecs-bg/web-[A-Za-z0-9._-]{1,246}\\.html"), file);
        }
    }

    @Test
    void idsThatWereShortenedStayApartAndTheSame() {
        Run r = new World(tmp).run("""
            List ids = ['Aa', 'BB', 'AaBB', 'BBAa', '1', '2'].collect { String end -> 'x' * 300 + end }
            List once = ids.collect { String text -> ecsBg.bounded(text, 255) }
            List again = ids.collect { String text -> ecsBg.bounded(text, 255) }
            echo "LENGTHS ${once.collect { String text -> text.length() }} SAME ${once == again} AS IT IS ${ecsBg.bounded('y' * 255, 255) == 'y' * 255}"
            echo 'IDS ' + once.join(' ')
            """);
        succeeded(r);
        assertTrue(r.logged("LENGTHS [255, 255, 255, 255, 255, 255] SAME true AS IT IS true"), r.text());
        String ids = r.log.stream().filter(l -> l.startsWith("IDS ")).findFirst().orElseThrow();
        assertEquals(6, Set.of(ids.substring(4).split(" ")).size(), ids);
    }

    @Test
    void anIdThatSomebodyGaveIsNeverShortened() {
        Run r = new World(tmp).with("deploymentId", "x".repeat(256)).deploy();
        assertEquals("FAILURE", r.result);
        assertTrue(r.logged("is longer than 255 characters"), r.text());
    }

    @Test
    void theDescriptionIsAppendedTo() {
        Run r = new World(tmp).with("dryRun", true).run("currentBuild.description = 'before'\n" + World.DEPLOY);
        succeeded(r);
        assertTrue(r.description.startsWith("before\nweb: unchanged"), r.description);
    }

    @Test
    void theTaskSetCarriesTheDeploymentTheBuildAndTheListeners() {
        World w = new World(tmp).deployed();
        String tags = String.valueOf(Json.at(w.last("CreateTaskSet"), "params.tags"));
        for (String key : List.of("ecs-bg:deployment", "ecs-bg:build", "ecs-bg:live", "ecs-bg:test", "ecs-bg:blue", "ecs-bg:green")) assertTrue(tags.contains(key), tags);
        assertTrue(tags.contains("https://jenkins.example/job/shop/job/web/7/"), tags);
        assertEquals(World.OURS, Json.at(w.last("CreateTaskSet"), "params.externalId"));
    }

    @Test
    void aFirstDeploymentHasNothingToGoBackToAndNothingToBake() {
        World w = new World(tmp, Map.of("blue", false)).with("image", null);
        w.with("taskDefinition", "deploy/taskdef.json").with("image", w.image("v2")).with("containerName", "web").with("containerPort", 9000)
            .with("taskSet", "deploy/taskset.json").with("subnets", w.made.get("subnets")).with("securityGroups", w.made.get("securityGroups"))
            .with("executionRoleArn", w.text("executionRoleArn"));
        Run r = w.deploy();
        succeeded(r);
        assertFalse(World.actions(r).contains("delete-task-set"), World.actions(r).toString());
        assertEquals(1, r.inputs.size(), "there is no second question");
        assertFalse(r.stageNames().contains("web: bake"));
        assertEquals("web: swap", r.stageNames().get(r.stageNames().size() - 1), "PRIMARY right after the swap");
        assertEquals("set-primary", World.actions(r).get(World.actions(r).size() - 1));
        assertNull(World.report(r).get("previous"));
        assertTrue(r.inputs.get(0).description("NOTE").contains("web: - → " + w.image("v2")), r.inputs.get(0).description("NOTE"));
        w.state().isSettledOn(World.OURS, World.OURS);
    }

    @Test
    void aVersionThatWasKeptIsRemovedByTheNextDeploymentInOneMoreSh() {
        World w = new World(tmp).with("cleanup", new LinkedHashMap<>(Map.of("previous", "keep")));
        Run first = w.deploy();
        succeeded(first);
        assertEquals(1, first.inputs.size(), "nobody is asked what becomes of a version that is kept");
        assertEquals(false, Json.at(World.report(first), "previous.deleted"));
        w.state().isSettledOn(World.OURS, World.OURS, World.OLD);

        w.with("deploymentId", "next-8").with("image", w.image("v3")).with("cleanup", null);
        Run r = w.deploy();
        succeeded(r);
        assertEquals(2, World.actions(r).stream().filter("delete-task-set"::equals).count());
        assertEquals("delete-task-set", World.actions(r).get(1), "before anything is created");
        assertTrue(r.logged("removing the previous version that was kept in the idle group: ") && r.logged("(deployment " + World.OLD + ")"), r.text());
        w.state().isSettledOn("next-8", "next-8");
    }

    @Test
    void anExistingRevisionIsDeployedWithoutABuild() {
        World w = new World(tmp).deployed();
        w.with("deploymentId", "back-8").with("image", null).with("taskDefinitionArn", "web:1");
        w.account.forget();
        Run r = w.deploy();
        succeeded(r);
        assertFalse(w.mutations().contains("RegisterTaskDefinition"), w.mutations().toString());
        assertTrue(String.valueOf(World.report(r).get("taskDefinitionArn")).endsWith("web:1"));
        assertEquals(w.image("v1"), World.report(r).get("image"));
        w.state().isSettledOn("back-8", "back-8");
    }

    @Test
    void aBuildThatIsRunAgainAfterItsDeploymentHasNothingToDo() {
        World w = new World(tmp).deployed();
        w.account.forget();
        Run r = w.deploy();
        succeeded(r);
        assertEquals("unchanged", World.report(r).get("outcome"));
        assertEquals(List.of("preflight"), World.actions(r));
        assertEquals(List.of(), w.mutations());
        assertTrue(r.logged("is live and PRIMARY already: nothing to do"), r.text());
    }

    @Test
    void aBuildOfTheSameNameWithOtherContentIsRefusedWhereverTheFirstOneIs() {
        World w = new World(tmp).with("environment", new LinkedHashMap<>(Map.of("MOOD", "calm")));
        String create = "Map k = params.keys\necsCreateTaskSet(k + [image: null, taskDefinitionArn: ecsRegisterTaskDefinition(k).taskDefinitionArn])\n";
        for (String part : List.of(create, "ecsWaitStable(params.keys)\necsSwapLive(params.keys)", "ecsSetPrimary(params.keys)")) {
            succeeded(w.run(part));
            w.with("environment", new LinkedHashMap<>(Map.of("MOOD", "wild"))).account.forget();
            Run r = w.deploy();
            assertEquals("FAILURE", r.result, r.text());
            assertEquals("refused", World.report(r).get("outcome"));
            assertEquals("content-differs", Json.at(World.report(r), "error.code"));
            assertEquals(List.of(), w.mutations());
            w.with("environment", new LinkedHashMap<>(Map.of("MOOD", "calm")));
        }
        Run same = w.deploy();
        succeeded(same);
        assertEquals("unchanged", World.report(same).get("outcome"));
        w.state().isSettledOn(World.OURS, World.OURS, World.OLD);
    }

    @Test
    void aBuildThatIsRunAgainGoesOnWhereItWas() {
        World w = new World(tmp);
        Run first = w.run("Map k = params.keys\necsCreateTaskSet(k + [image: null, taskDefinitionArn: ecsRegisterTaskDefinition(k).taskDefinitionArn])\necsWaitStable(k)\necsSwapLive(k)");
        succeeded(first);
        Run r = w.deploy();
        succeeded(r);
        assertTrue(r.logged("has live traffic already: going on with the swap"), r.text());
        assertEquals(1, w.mutations().stream().filter("CreateTaskSet"::equals).count());
        assertEquals("promoted", World.report(r).get("outcome"));
        w.state().isSettledOn(World.OURS, World.OURS);
    }

    @Test
    void aBuildThatIsRunAgainAfterItsCreateMakesNoSecondSet() {
        World w = new World(tmp);
        succeeded(w.run("Map k = params.keys\necsCreateTaskSet(k + [image: null, taskDefinitionArn: ecsRegisterTaskDefinition(k).taskDefinitionArn])"));
        Run r = w.deploy();
        succeeded(r);
        assertEquals(1, w.mutations().stream().filter("CreateTaskSet"::equals).count());
        w.state().isSettledOn(World.OURS, World.OURS);
    }

    @Test
    void aDryRunLooksAtEverythingAndDeploysNothing() {
        World w = new World(tmp);
        Run r = w.with("dryRun", true).deploy();
        succeeded(r);
        assertEquals("unchanged", World.report(r).get("outcome"));
        assertEquals(List.of("preflight"), World.actions(r));
        assertEquals(List.of(), w.mutations());
        assertTrue(r.logged("dry run, nothing is deployed"));
    }

    @Test
    void variablesReachTheContainerAndNothingElse() throws Exception {
        World w = new World(tmp).with("environment", new LinkedHashMap<>(Map.of("COLOUR_OF_THE_DAY", "canary-7f3a")));
        Run r = w.deploy();
        succeeded(r);
        assertTrue(String.valueOf(Json.at(w.last("RegisterTaskDefinition"), "params.containerDefinitions")).contains("canary-7f3a"));
        assertFalse(r.logged("canary-7f3a"), r.text());
        assertFalse(Files.readString(r.archive.resolve(r.archived.get(0))).contains("canary-7f3a"));
    }

    @Test
    void variablesOfAConfigFileReachTheContainerToo() throws Exception {
        World w = new World(tmp);
        Path source = Files.createDirectories(tmp.resolve("repository"));
        Files.writeString(source.resolve("ecs.yml"), "environment:\n  FROM_FILE: canary-91c2\n");
        succeeded(w.with("config", "ecs.yml").setting(p -> p.source(source)).deploy());
        assertTrue(String.valueOf(Json.at(w.last("RegisterTaskDefinition"), "params.containerDefinitions")).contains("canary-91c2"));
    }

    @Test
    void everythingMayComeFromFilesTheLaterOneWins() throws Exception {
        World w = new World(tmp);
        Path source = Files.createDirectories(tmp.resolve("repository/deploy"));
        Files.writeString(source.resolve("ecs.yml"), "service: web\ncluster: other\npollInterval: 100ms\nconfirmations: 1\ndrain: 0\n"
            + "approve:\n  submitter: [ops, alice]\n  message: Really?\ncleanup:\n  bake: 2m\n  approve: false\n");
        Files.writeString(source.resolve("prod.yml"), "cluster: prod\nregion: eu-west-1\ntargetGroups:\n  blue: " + w.group("blue") + "\n  green: " + w.group("green")
            + "\nlisteners:\n  live: [" + w.text("listeners.live") + "]\n  test: " + w.text("listeners.test") + "\n");
        String image = w.image("v2");
        w.keys.clear();
        w.with("config", List.of("deploy/ecs.yml", "deploy/prod.yml")).with("image", image).setting(p -> p.source(source.getParent()));
        Run r = w.deploy();
        succeeded(r);
        assertEquals(1, r.inputs.size());
        assertEquals("ops,alice", r.inputs.get(0).submitter);
        assertTrue(r.inputs.get(0).message.startsWith("web in prod: Really? (green, web:2)"));
        assertTrue(r.woundMillis >= 119_000 && r.woundMillis < 130_000, "wound " + r.woundMillis);
        w.state().isSettledOn(World.OURS, World.OURS);
    }

    @Test
    void aMakefileEnvOfTheSampleIsEnough() throws Exception {
        World w = new World(tmp, Map.of("containerPort", 9000));
        Path source = Files.createDirectories(tmp.resolve("repository"));
        Files.writeString(source.resolve("Makefile.env"), """
            REGION=eu-west-1
            APP_NAME=web
            APP_PORT=9000
            REPO_NAME=web
            NEXT_ENV=Green
            GREEN_TASK_FAMILY_PREFIX=web-green
            BLUE_TASK_FAMILY_PREFIX=web-blue
            CLUSTER_ARN=arn:aws:ecs:REGION:AWS_ACCOUNT_NUMBER:cluster/prod
            SERVICE_ARN=arn:aws:ecs:REGION:AWS_ACCOUNT_NUMBER:service/prod/web
            TASK_ROLE_ARN=%s
            EXECUTION_ROLE_ARN=%s
            TASK_SUBNETS=%s
            TASK_SECURITY_GROUPS=%s
            BLUE_TARGET_GROUP_ARN=%s
            GREEN_TARGET_GROUP_ARN=%s
            LIVE_LISTENER_ARN=%s
            TEST_LISTENER_ARN=%s
            TEMPLATE_BASE_PATH=deploy
            TASK_DEF_TEMPLATE=taskdef.json
            TASK_SET_TEMPLATE_FILE=taskset.json
            """.formatted(w.text("taskRoleArn"), w.text("executionRoleArn"), list(w.made.get("subnets")), list(w.made.get("securityGroups")),
            w.group("blue"), w.group("green"), w.text("listeners.live"), w.text("listeners.test")));
        Files.createDirectories(source.resolve("deploy"));
        for (String f : List.of("taskdef.json", "taskset.json")) Files.copy(World.ROOT.resolve("examples/deploy").resolve(f), source.resolve("deploy").resolve(f));
        String image = w.image("v2");
        w.keys.clear();
        w.with("config", "Makefile.env").with("image", image).with("pollInterval", "100ms").with("confirmations", 1).with("drain", 0)
            .with("accountId", w.account.id).setting(p -> p.source(source));
        Run r = w.deploy();
        succeeded(r);
        assertTrue(String.valueOf(World.report(r).get("taskDefinitionArn")).endsWith("task-definition/web-green:1"), "the family of the idle colour");
        w.state().isSettledOn(World.OURS, World.OURS);
    }

    private static String list(Object values) {
        return String.join(",", ((List<?>) values).stream().map(String::valueOf).toList());
    }

    @Test
    void withoutATestListenerThereIsOneShLess() {
        World w = new World(tmp, Map.of("test", false));
        w.with("listeners", new LinkedHashMap<>(Map.of("live", w.text("listeners.live"))));
        Run r = w.deploy();
        succeeded(r);
        assertFalse(World.actions(r).contains("enable-test-listener"));
        assertNull(World.report(r).get("testUrl"));
    }

    @Test
    void listenerRulesServeAsWellAsListeners() {
        World w = new World(tmp, Map.of("rule", true));
        succeeded(w.deploy());
        w.state().isSettledOn(World.OURS, World.OURS);
    }

    @Test
    void nobodyIsAskedWhereNobodyIsToBe() {
        World w = new World(tmp).with("approve", false).with("cleanup", new LinkedHashMap<>(Map.of("approve", false, "bake", 0)));
        Run r = w.setting(p -> p.approver(Approver.nobody())).deploy();
        succeeded(r);
        assertEquals(0, r.inputs.size());
        assertEquals(0, r.woundMillis);
        assertEquals(ALL, World.actions(r));
        assertNull(World.report(r).get("approver"));
        w.state().isSettledOn(World.OURS, World.OURS);
    }

    @Test
    void aValidateHookIsGivenTheReportAndTheTestUrl() {
        World w = new World(tmp);
        Run r = w.run("blueGreenDeploy(params.keys + [validate: { Map d -> sh(label: 'smoke', script: 'echo \"url $ECS_BG_TEST_URL\"'); echo \"of ${d.service} ${d.phase}\" }])");
        succeeded(r);
        assertTrue(r.log.contains("url http://" + w.text("loadBalancerDns") + ":9000") && r.log.contains("of web prepare"), r.text());
        assertNotNull(Json.at(World.report(r), "seconds.validate"));
    }
}
