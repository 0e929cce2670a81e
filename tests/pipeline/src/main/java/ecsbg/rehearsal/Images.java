package ecsbg.rehearsal;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Which command stands for an image, and where it runs: the file that IMAGES names. */
final class Images {
    private Images() {}

    /** @param file null: there is none @param repository where a command runs, unless its image's `directory`, relative to it, says otherwise */
    static Map<String, Object> read(Path file, Path repository) throws Wrong {
        Map<String, Object> all = new LinkedHashMap<>();
        Map<String, Object> named = file == null ? Map.of() : Yaml.map("IMAGES", file, "a part of an image's name to its command");
        for (Map.Entry<String, Object> image : named.entrySet()) {
            String place = "IMAGES: " + file + ": " + image.getKey();
            Object given = image.getValue() instanceof Map<?, ?> map ? map : Map.of("command", image.getValue() == null ? "" : image.getValue());
            if (!(given instanceof Map<?, ?> map) || !List.of("command", "directory").containsAll(map.keySet())) {
                throw new Wrong(place + " has other keys than command and directory");
            }
            all.put(image.getKey(), Map.of("command", command(place, map.get("command")), "instead", true,
                "directory", repository.resolve(map.get("directory") == null ? "" : map.get("directory").toString()).toString()));
        }
        // the sample: a command in a task definition is one of its image's, which is not here
        all.put("", Map.of("instead", true));
        return all;
    }

    private static List<String> command(String place, Object given) throws Wrong {
        if (given instanceof List<?> words && !words.isEmpty()) return words.stream().map(String::valueOf).toList();
        if (given instanceof String line && !line.isBlank()) return List.of("sh", "-c", "exec " + line);
        throw new Wrong(place + " has no command: a line for a shell, or a list of words");
    }
}
