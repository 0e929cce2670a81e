package ecsbg.demo;

import ecsbg.aws.Standin;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * `make demo`: three deployments of Jenkinsfile.example against the stand-in for AWS. Blue to green, green to blue, and one whose tasks
 * never become healthy. It ends with every expectation checked; the exit code is 0 only if all of them held.
 */
public final class Demo {
    /** Quick, but not instant: a wait has something to wait for. */
    private static final Map<String, Object> PACE = Map.of(
        "startSeconds", 0.8, "healthySeconds", 0.8, "steadySeconds", 1.0, "drainSeconds", 0.6, "replaceSeconds", 0.5);

    private Demo() {}

    public static void main(String[] args) throws Exception {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        System.exit(run(Path.of(args[0]).toAbsolutePath(), Path.of(args[1]).toAbsolutePath(), out) ? 0 : 1);
    }

    /** @param root this checkout @param binary the ecs-bg to use */
    private static boolean run(Path root, Path binary, PrintStream out) throws Exception {
        long began = System.currentTimeMillis();
        Path home = Files.createTempDirectory(Files.createDirectories(root.resolve("target/demo")), "run-");
        try (Standin aws = Standin.start(root.resolve("tests/aws"), "stateful")) {
            Standin.Account account = aws.account();
            Map<String, Object> made = account.fixture(Map.of("cluster", "web", "containerPort", 9000));
            account.knobs(PACE);
            Team team = new Team(root, home.resolve("repository"), made);
            World world = new World(root, home, binary, account, made, environment(root, home, account, made));
            introduce(world, out);

            Checks checks = new Checks(out);
            world.deploy(new Deployment(1, team.commit("Version 2"), "green"), checks, out);
            world.deploy(new Deployment(2, team.commit("Version 3"), "blue"), checks, out);
            String ill = team.commit("Version 4, whose health check fails");
            account.knobs(Map.of("outcome", Map.of(ill, "unhealthy")));
            world.deploy(new Deployment(3, ill, null), checks, out);

            heading(out, "Reports: open one in a browser; the last one here");
            world.reports(out);

            heading(out, "Summary");
            boolean well = checks.summary();
            if (dockerFailed(home)) out.println("  note: the real docker could not build here; its calls were recorded instead");
            out.printf("%s in %.1f s. Logs, archive and workspaces: %s%n", well ? "Everything held" : "NOT everything held",
                (System.currentTimeMillis() - began) / 1000.0, root.relativize(home));
            return well;
        }
    }

    static void heading(PrintStream out, String text) {
        out.printf("%n━━━ %s %s%n", text, "━".repeat(Math.max(3, 110 - text.length())));
    }

    private static void introduce(World world, PrintStream out) {
        heading(out, "The world");
        out.println("AWS       a stand-in at " + world.account.environment.get("AWS_ENDPOINT_URL") + ": moto, with task sets that change over time (tests/aws)");
        out.println("Jenkins   a runner on groovy-cps, the engine of Jenkins' pipelines, saved and restored at every step (tests/pipeline)");
        out.println("clock     the pipeline's sleep and timeout use a clock that is wound on, as the log says; the waits of ecs-bg are real");
        out.println("docker    " + (world.environment.containsKey("DEMO_DOCKER")
            ? "the real one builds; login and push are recorded: there is no registry"
            : "no engine on this machine: a program named docker records the calls, and puts what is pushed into the stand-in's ECR"));
        out.println("curl      nothing listens behind the load balancer: a program named curl answers smoke.sh from the test listener's weights");
        out.println("pipeline  Jenkinsfile.example as it is, with a copy of examples/ as the team's repository");
    }

    private static Map<String, String> environment(Path root, Path home, Standin.Account account, Map<String, Object> made) throws Exception {
        Map<String, String> env = new LinkedHashMap<>(account.environment);
        env.put("PATH", root.resolve("tests/pipeline/demo") + ":" + System.getenv("PATH"));
        env.put("DEMO_ACCOUNT", account.id);
        env.put("DEMO_DOCKER_LOG", home.resolve("docker.log").toString());
        env.put("DEMO_LISTENER_80", World.text(made, "listeners.live"));
        env.put("DEMO_LISTENER_9000", World.text(made, "listeners.test"));
        if (Team.exit(null, List.of("docker", "version", "--format", "{{.Server.Version}}")) == 0) {
            env.put("DEMO_DOCKER", Team.output(null, List.of("sh", "-c", "command -v docker")).strip());
        }
        return env;
    }

    private static boolean dockerFailed(Path home) throws IOException {
        Path log = home.resolve("docker.log");
        return Files.exists(log) && Files.readString(log).contains("failed: ");
    }
}
