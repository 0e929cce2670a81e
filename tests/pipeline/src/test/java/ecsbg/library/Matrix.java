package ecsbg.library;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Which of many cases are run: a fixed part; or, as ECS_BG_MATRIX says, `all`, or those whose name contains its value. */
final class Matrix {
    private static final String WANTED = System.getenv().getOrDefault("ECS_BG_MATRIX", "");

    private Matrix() {}

    static <T> List<T> chosen(List<T> all, Collection<T> always) {
        return all.stream().filter(c -> switch (WANTED) {
            case "" -> always.contains(c);
            case "all" -> true;
            default -> c.toString().contains(WANTED);
        }).toList();
    }

    /** One of each sort; always the same one, whatever others there are before or after it. */
    static <T> Collection<T> oneOfEach(List<T> all, Function<T, Object> sort) {
        Map<Object, T> found = new LinkedHashMap<>();
        for (T c : all) found.merge(sort.apply(c), c, (a, b) -> Long.compareUnsigned(hash(b), hash(a)) < 0 ? b : a);
        return found.values();
    }

    /** FNV-1a of its name, as in the program's own matrix. */
    static long hash(Object c) {
        long hash = 0xcbf29ce484222325L;
        for (char x : c.toString().toCharArray()) hash = (hash ^ x) * 0x100000001b3L;
        return hash;
    }
}
