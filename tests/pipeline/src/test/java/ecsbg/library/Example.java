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
    private static final String LIBRARY = "@Library('ecs-blue-green@v0.1.0') _\n";
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

    /** The file as it is, with all that follows its first line inside of a step. */
    static String within(String step) {
        int end = SCRIPT.indexOf(LIBRARY) + LIBRARY.length();
        if (end < LIBRARY.length()) throw new AssertionError("Jenkinsfile.example has no line " + LIBRARY);
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
