package ecsbg.library;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A team's repository under git: a copy of examples/, with the places of a World. Its agents have a docker that records. */
final class Repository {
    final Path dir;
    final Path dockerLog;
    private final World w;
    private final Path users;
    String commit;

    /** @param more lines of YAML for prod.yml */
    Repository(Path dir, World w, String... more) throws IOException {
        this.dir = dir;
        this.dockerLog = dir.resolveSibling("docker.log");
        this.w = w;
        this.users = dir.resolveSibling("users");
        Path examples = World.ROOT.resolve("examples");
        try (Stream<Path> all = Files.walk(examples)) {
            for (Path p : (Iterable<Path>) all::iterator) {
                Path target = dir.resolve(examples.relativize(p).toString());
                if (Files.isDirectory(p)) Files.createDirectories(target);
                else Files.copy(p, target, StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
        Files.writeString(dir.resolve("deploy/prod.yml"), """
            region: eu-west-1
            cluster: %s
            accountId: '%s'
            targetGroups:
              blue: %s
              green: %s
            listeners:
              live: %s
              test: %s
            taskRoleArn: %s
            executionRoleArn: %s
            subnets: [%s]
            securityGroups: [%s]
            pollInterval: 100ms
            confirmations: 1
            drain: 0
            """.formatted(w.text("cluster"), w.account.id, w.group("blue"), w.group("green"), w.text("listeners.live"), w.text("listeners.test"), w.text("taskRoleArn"),
            w.text("executionRoleArn"), list(w.made.get("subnets")), list(w.made.get("securityGroups"))) + String.join("\n", more) + "\n");
        git("init", "--quiet");
        commit();
        w.setting(p -> p.source(dir).commit(commit).env("DEMO_DOCKER_LOG", dockerLog.toString())
            .env("PATH", World.ROOT.resolve("tests/pipeline/demo") + ":" + System.getenv("PATH"))
            .env("CURL_HOME", users.toString()));
        usersAskOf(w.account.id);
    }

    /** Where the agents' curl finds the load balancer: the stand-in answers for it, as this account's. */
    void usersAskOf(String account) throws IOException {
        String standin = w.account.environment.get("AWS_ENDPOINT_URL").substring("http://".length());
        Files.writeString(Files.createDirectories(users).resolve(".curlrc"), "connect-to = \"::%s\"\nheader = \"X-Standin-Account: %s\"\n".formatted(standin, account));
    }

    /** All there is, as one commit. */
    void commit() throws IOException {
        git("add", "--all");
        git("-c", "user.name=Team", "-c", "user.email=team@example.com", "-c", "commit.gpgsign=false", "commit", "--quiet", "--allow-empty", "--message", "A version");
        commit = git("rev-parse", "HEAD").strip();
    }

    /** What docker was called for, as `build …`, `push …`. */
    List<String> docker() throws IOException {
        return Files.exists(dockerLog) ? Files.readAllLines(dockerLog) : List.of();
    }

    private String git(String... args) throws IOException {
        List<String> command = new ArrayList<>(List.of("git", "-C", dir.toString()));
        command.addAll(List.of(args));
        Process p = new ProcessBuilder(command).redirectErrorStream(true).start();
        String told = new String(p.getInputStream().readAllBytes());
        try {
            if (p.waitFor() != 0) throw new AssertionError(command + ": " + told);
        } catch (InterruptedException x) {
            throw new IllegalStateException(x);
        }
        return told;
    }

    private static String list(Object values) {
        return String.join(", ", ((List<?>) values).stream().map(String::valueOf).toList());
    }
}
