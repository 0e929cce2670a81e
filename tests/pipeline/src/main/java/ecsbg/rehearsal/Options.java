package ecsbg.rehearsal;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What `make rehearse` was asked for, all of it checked before anything starts. Files are null where none was named. */
record Options(Path root, Path repository, Path jenkinsfile, List<Scenario> scenarios, Pace pace, Answers answers, Path steps,
        Map<String, Object> images, String health, int rate, Map<String, String> variables, Map<String, String> parameters) {
    private static final int MOST_REQUESTS = 1000;

    /** @param given variables of make, which may be empty @param here this checkout, where make is called */
    static Options of(Map<String, String> given, Path here) throws Wrong {
        Path repository = directory(given, here);
        return new Options(
            here, repository, jenkinsfile(given, repository, here), Scenario.parse(text(given, "SCENARIO", "good")), pace(given), answers(given),
            file(given, "STEPS", repository, here, "steps.yml"), Images.read(file(given, "IMAGES", repository, here, null), repository),
            health(given), rate(given), pairs(given, "VARIABLES"), pairs(given, "PARAMETERS"));
    }

    /** Of the stand-in. */
    Map<String, Object> knobs() {
        Map<String, Object> all = new LinkedHashMap<>(Map.of("images", images));
        if (pace.seconds() < Pace.REAL) all.put("metricPeriod", 1);
        return all;
    }

    private static String text(Map<String, String> given, String name, String otherwise) {
        String value = given.getOrDefault(name, "").strip();
        return value.isEmpty() ? otherwise : value;
    }

    private static Path directory(Map<String, String> given, Path here) throws Wrong {
        String repo = text(given, "REPO", null);
        if (repo == null) throw new Wrong("REPO: which repository? make rehearse REPO=../shop");
        Path dir = here.resolve(repo).normalize();
        if (!Files.isDirectory(dir)) throw new Wrong("REPO: " + dir + " is not a directory");
        if (here.startsWith(dir)) throw new Wrong("REPO: " + dir + " holds this library; name the directory of a team's own repository");
        return dir;
    }

    private static Path jenkinsfile(Map<String, String> given, Path repository, Path here) throws Wrong {
        if (text(given, "JENKINSFILE", null) != null) return file(given, "JENKINSFILE", repository, here, null);
        Path usual = repository.resolve("Jenkinsfile");
        if (!Files.isRegularFile(usual)) throw new Wrong("REPO: " + repository + " has no Jenkinsfile; name another one with JENKINSFILE=");
        return usual;
    }

    /** In the repository, or where somebody stands. */
    private static Path file(Map<String, String> given, String name, Path repository, Path here, String usual) throws Wrong {
        String wanted = text(given, name, null);
        if (wanted == null) return usual != null && Files.isRegularFile(repository.resolve(usual)) ? repository.resolve(usual) : null;
        for (Path base : List.of(repository, here)) {
            if (Files.isRegularFile(base.resolve(wanted))) return base.resolve(wanted).normalize();
        }
        throw new Wrong(name + ": there is no file " + wanted + " in " + repository + (here.equals(repository) ? "" : " or in " + here));
    }

    private static Pace pace(Map<String, String> given) throws Wrong {
        String text = text(given, "PACE", "1");
        try {
            double seconds = Double.parseDouble(text);
            if (seconds > 0 && seconds <= Pace.REAL) return new Pace(seconds);
        } catch (NumberFormatException x) {
            // said below
        }
        throw new Wrong("PACE: '" + text + "' is not a number of seconds, above 0 and up to 60, that a minute of waiting takes");
    }

    private static Answers answers(Map<String, String> given) throws Wrong {
        String how = text(given, "ANSWERS", "approve");
        if (!List.of("approve", "reject", "ask").contains(how)) throw new Wrong("ANSWERS: '" + how + "' is not one of approve, reject, ask");
        String cleanup = text(given, "CLEANUP", "Delete");
        if (!List.of("Delete", "Keep").contains(cleanup)) throw new Wrong("CLEANUP: '" + cleanup + "' is not one of Delete, Keep");
        return new Answers(how, text(given, "WHO", null), cleanup);
    }

    private static String health(Map<String, String> given) throws Wrong {
        String path = text(given, "HEALTH", "/healthz");
        if (!path.startsWith("/")) throw new Wrong("HEALTH: '" + path + "' is not a path, such as /healthz");
        return path;
    }

    private static int rate(Map<String, String> given) throws Wrong {
        String text = text(given, "RATE", "50");
        if (text.matches("\\d{1,4}") && Integer.parseInt(text) >= 1 && Integer.parseInt(text) <= MOST_REQUESTS) return Integer.parseInt(text);
        throw new Wrong("RATE: '" + text + "' is not a number of requests a second, from 1 to " + MOST_REQUESTS);
    }

    private static Map<String, String> pairs(Map<String, String> given, String name) throws Wrong {
        Map<String, String> all = new LinkedHashMap<>();
        for (String pair : text(given, name, "").split("\\s+")) {
            if (pair.isEmpty()) continue;
            int equals = pair.indexOf('=');
            if (equals <= 0) throw new Wrong(name + ": '" + pair + "' is not NAME=value");
            all.put(pair.substring(0, equals), pair.substring(equals + 1));
        }
        return all;
    }
}
