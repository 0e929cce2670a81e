package ecsbg.demo;

import ecsbg.aws.Program;
import ecsbg.aws.Standin;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * `make demo`: three deployments of Jenkinsfile.example against the stand-in for AWS, while users send requests. Blue to green; a canary
 * that a gate stops; one whose tasks never become healthy. It ends with every expectation checked; the exit code is 0 only if all of them held.
 */
public final class Demo {
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
            account.knobs(Map.of("metricPeriod", 1));   // AWS has a load balancer's metrics by the minute
            Map<String, Object> made = account.fixture(Map.of("cluster", "web", "containerPort", 9000, "healthPath", "/healthz", "traffic", true));
            Team team = new Team(root, home.resolve("repository"), made);
            World world = new World(root, home, new Program(binary), account, made, environment(home, root, account));
            introduce(world, out);

            Checks checks = new Checks(made, out);
            world.deploy(new Deployment(1, team.commit("Version 2", ""), "green", Deployment.End.PROMOTED), checks, out);
            String failing = team.commit("Version 3, which fails now and then, as a canary", Team.CANARY);
            account.knobs(Map.of("outcome", Map.of(failing, "errors-20")));
            world.deploy(new Deployment(2, failing, "blue", Deployment.End.STOPPED), checks, out);
            String ill = team.commit("Version 4, whose health check fails", "");
            account.knobs(Map.of("outcome", Map.of(ill, "unhealthy")));
            world.deploy(new Deployment(3, ill, "blue", Deployment.End.NEVER_HEALTHY), checks, out);

            Tables.heading(out, "Reports: open one in a browser; that of the canary here");
            world.reports(out);

            Tables.heading(out, "Summary");
            boolean well = checks.summary();
            if (dockerFailed(home)) out.println("  note: the real docker could not build here; its calls were recorded instead");
            out.printf("%s in %.1f s. Logs, archive and workspaces: %s%n", well ? "Everything held" : "NOT everything held",
                (System.currentTimeMillis() - began) / 1000.0, root.relativize(home));
            return well;
        }
    }

    private static void introduce(World world, PrintStream out) throws Exception {
        Tables.heading(out, "The world");
        out.println("AWS       a stand-in: moto, with task sets that change over time, tasks that are processes, and a load balancer that listens (tests/aws)");
        out.println("users     " + World.RATE + " requests a second at " + world.address() + ", during each build");
        out.println("Jenkins   a runner on groovy-cps, the engine of Jenkins' pipelines, saved and restored at every step (tests/pipeline)");
        out.println("pipeline  Jenkinsfile.example as it is, with a copy of examples/ as the team's repository; bakes of seconds in its deploy/prod.yml");
        out.println("docker    " + (world.environment.containsKey(Docker.REAL)
            ? "the real one builds; login and push are recorded: there is no registry"
            : "no engine on this machine: a program named docker records the calls, and puts what is pushed into the stand-in's ECR"));
        world.begin(out);
    }

    private static Map<String, String> environment(Path home, Path root, Standin.Account account) throws Exception {
        Map<String, String> env = new LinkedHashMap<>(account.environment);
        env.put("PATH", root.resolve("tests/pipeline/demo") + ":" + System.getenv("PATH"));
        env.putAll(Docker.variables(home.resolve("docker.log")));
        env.put("SMOKE_RETRIES", "9");   // what fails now and then passes a smoke test that tries again: canaries are for that
        return env;
    }

    private static boolean dockerFailed(Path home) throws IOException {
        Path log = home.resolve("docker.log");
        return Files.exists(log) && Files.readString(log).contains("failed: ");
    }
}
