package ecsbg.demo;

import ecsbg.aws.Json;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The team's repository: a copy of examples/ under git, with the file of its places written for the stand-in. */
final class Team {
    /** As examples/deploy/canary.yml has it, in seconds: the readings are by the second here, and so are the looks. */
    static final String CANARY = """
        canary:
          - {weight: 5, bake: 1m}
          - {weight: 50, bake: 1m}
        gates: {errors: true, every: 1s, period: 1s}
        """;
    private static final String PLACES = "deploy/prod.yml";
    private final Path dir;
    private final String places;

    Team(Path root, Path dir, Map<String, Object> made) throws Exception {
        this.dir = dir;
        places = places(made);
        Path examples = root.resolve("examples");
        try (Stream<Path> all = Files.walk(examples)) {
            for (Path p : (Iterable<Path>) all::iterator) {
                Path target = dir.resolve(examples.relativize(p).toString());
                if (Files.isDirectory(p)) Files.createDirectories(target);
                else Files.copy(p, target, StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
        git("init", "--quiet");
    }

    /** A new version; its commit. @param more what its configuration has beside the places */
    String commit(String message, String more) throws Exception {
        Files.writeString(dir.resolve(PLACES), places + more);
        git("add", "--all");
        git("-c", "user.name=Team", "-c", "user.email=team@example.com", "-c", "commit.gpgsign=false",
            "commit", "--quiet", "--allow-empty", "--message", message);
        return git("rev-parse", "HEAD").strip();
    }

    private String git(String... args) throws Exception {
        List<String> command = new ArrayList<>(List.of("git"));
        command.addAll(List.of(args));
        Process process = new ProcessBuilder(command).directory(dir.toFile()).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) throw new IllegalStateException(String.join(" ", command) + " failed");
        return said;
    }

    private static String places(Map<String, Object> made) {
        return """
            # Written by `make demo`: the places that the stand-in for AWS made.
            region: %s
            accountId: '%s'
            cluster: %s
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
            drain: 3s                 # half a minute is the least otherwise, for the last requests
            cleanup: {bake: 4s}
            """.formatted(made.get("region"), made.get("account"), made.get("cluster"),
            Json.text(made, "targetGroups.blue"), Json.text(made, "targetGroups.green"),
            Json.text(made, "listeners.live"), Json.text(made, "listeners.test"),
            made.get("taskRoleArn"), made.get("executionRoleArn"),
            list(made.get("subnets")), list(made.get("securityGroups")));
    }

    private static String list(Object values) {
        return String.join(", ", ((List<?>) values).stream().map(String::valueOf).toList());
    }
}
