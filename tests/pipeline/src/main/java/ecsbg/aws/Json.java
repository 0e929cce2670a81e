package ecsbg.aws;

import groovy.json.JsonSlurper;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Members of what JSON was read to, by paths as `result.live.colour`: keys with dots between them. */
public final class Json {
    private Json() {}

    @SuppressWarnings("unchecked")
    public static Map<String, Object> read(String text) {
        return (Map<String, Object>) new JsonSlurper().parseText(text);
    }

    /** Null where there is none, as everything of null is. */
    public static Object at(Object json, String path) {
        Object found = json;
        for (String key : path.split("\\.")) {
            if (!(found instanceof Map<?, ?> map)) return null;
            found = map.get(key);
        }
        return found;
    }

    public static String text(Object json, String path) {
        Object found = at(json, path);
        return found == null ? null : found.toString();
    }

    /** A list of texts, of what is one or many or none. */
    public static List<String> texts(Object json, String path) {
        Object found = at(json, path);
        List<String> all = new ArrayList<>();
        if (found instanceof Iterable<?> many) many.forEach(one -> all.add(String.valueOf(one)));
        else if (found != null) all.add(found.toString());
        return all;
    }

    public static int number(Object json, String path) {
        return at(json, path) instanceof Number found ? found.intValue() : 0;
    }

    @SuppressWarnings("unchecked")
    public static List<Map<String, Object>> list(Object json, String path) {
        Object found = at(json, path);
        return found == null ? List.of() : (List<Map<String, Object>>) found;
    }

    @SuppressWarnings("unchecked")
    public static Map<String, Object> map(Object json, String path) {
        Object found = at(json, path);
        return found == null ? Map.of() : (Map<String, Object>) found;
    }

    public static Map<String, Integer> numbers(Object json, String path) {
        Map<String, Integer> numbers = new LinkedHashMap<>();
        map(json, path).forEach((key, value) -> numbers.put(key, ((Number) value).intValue()));
        return numbers;
    }

    /** Key by key, as ecs-bg merges what it is given; `over` wins. */
    public static Map<String, Object> merged(Map<?, ?> under, Map<?, ?> over) {
        Map<String, Object> all = new LinkedHashMap<>();
        under.forEach((key, value) -> all.put(String.valueOf(key), value));
        over.forEach((key, value) -> all.merge(String.valueOf(key), value,
            (old, given) -> old instanceof Map<?, ?> a && given instanceof Map<?, ?> b ? merged(a, b) : given));
        return all;
    }
}
