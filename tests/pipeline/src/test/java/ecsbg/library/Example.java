package ecsbg.library;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Jenkinsfile.example, and the world that it is run in: a team's repository, and a service whose containers listen as it says. */
final class Example {
    static final String SCRIPT = read();
    final World w;
    final Repository repository;

    /** @param settings lines of YAML for the team's prod.yml */
    Example(Path home, String... settings) {
        w = new World(home, Map.of("containerPort", 9000));
        w.keys.clear();
        w.with("config", List.of("deploy/ecs.yml", "deploy/prod.yml"));
        try {
            repository = new Repository(home.resolve("repository"), w, settings);
        } catch (IOException x) {
            throw new UncheckedIOException(x);
        }
    }

    /** The file as it is, with all that follows the line of its library inside of a step. */
    static String within(String step) {
        int end = SCRIPT.indexOf('\n', SCRIPT.indexOf("\n@Library(") + 1) + 1;
        return SCRIPT.substring(0, end) + step + " {\n" + SCRIPT.substring(end) + "}\n";
    }

    private static String read() {
        try {
            return Files.readString(World.ROOT.resolve("Jenkinsfile.example"));
        } catch (IOException x) {
            throw new UncheckedIOException(x);
        }
    }
}
