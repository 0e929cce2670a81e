package ecsbg.rehearsal;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/** Files that a rehearsal is given. */
final class Yaml {
    private Yaml() {}

    /** @param option which named it @param what is said of a file that holds something else: a map from … */
    static Map<String, Object> map(String option, Path file, String what) throws Wrong {
        Object read;
        try (Reader in = Files.newBufferedReader(file)) {
            read = new org.yaml.snakeyaml.Yaml(new SafeConstructor(new LoaderOptions())).load(in);
        } catch (YAMLException | IOException x) {
            throw new Wrong(option + ": " + file + " cannot be read: " + x.getMessage());
        }
        if (read == null) return Map.of();
        if (!(read instanceof Map<?, ?> map)) throw new Wrong(option + ": " + file + " is not a map from " + what);
        Map<String, Object> all = new LinkedHashMap<>();
        map.forEach((key, value) -> all.put(String.valueOf(key), value));
        return all;
    }
}
