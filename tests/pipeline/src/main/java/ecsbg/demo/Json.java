package ecsbg.demo;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Members of what JSON was read to, by paths as `result.live.colour`; null where there is none. */
final class Json {
    private Json() {}

    static Object at(Object json, String path) {
        Object found = json;
        for (String key : path.split("\\.")) {
            if (!(found instanceof Map<?, ?> map)) return null;
            found = map.get(key);
        }
        return found;
    }

    static String text(Object json, String path) {
        Object found = at(json, path);
        return found == null ? null : found.toString();
    }

    static int number(Object json, String path) {
        return at(json, path) instanceof Number n ? n.intValue() : 0;
    }

    @SuppressWarnings("unchecked")
    static List<Map<String, Object>> list(Object json, String path) {
        Object found = at(json, path);
        return found == null ? new ArrayList<>() : (List<Map<String, Object>>) found;
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> map(Object json, String path) {
        Object found = at(json, path);
        return found == null ? Map.of() : (Map<String, Object>) found;
    }

    static Map<String, Integer> numbers(Object json, String path) {
        Map<String, Integer> numbers = new LinkedHashMap<>();
        map(json, path).forEach((key, value) -> numbers.put(key, ((Number) value).intValue()));
        return numbers;
    }
}
