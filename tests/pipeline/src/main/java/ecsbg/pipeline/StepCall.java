package ecsbg.pipeline;

import groovy.lang.Closure;
import groovy.lang.GString;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A call of a step, as the program yields it: named arguments and, for a block, its body. It is saved with the program. */
final class StepCall implements Serializable {
    private static final long serialVersionUID = 1L;
    final String name;
    /** Named arguments; a sole unnamed one is under the key null. */
    final Map<String, Object> args;
    final Closure<?> body;

    private StepCall(String name, Map<String, Object> args, Closure<?> body) {
        this.name = name;
        this.args = args;
        this.body = body;
    }

    /** Reads `step()`, `step x`, `step k: v`, `step(x) {}`, `step(k: v) {}` as Jenkins does. */
    static StepCall of(String name, Object[] given) {
        List<Object> rest = new ArrayList<>(List.of());
        for (Object o : given) rest.add(o);
        Closure<?> body = null;
        if (!rest.isEmpty() && rest.get(rest.size() - 1) instanceof Closure<?> c) {
            body = c;
            rest.remove(rest.size() - 1);
        }
        Map<String, Object> args = new LinkedHashMap<>();
        if (rest.size() == 1 && rest.get(0) instanceof Map<?, ?> m) {
            m.forEach((k, v) -> args.put(String.valueOf(k), flatten(v)));
        } else if (rest.size() == 1) {
            args.put(null, flatten(rest.get(0)));
        } else if (!rest.isEmpty()) {
            throw new IllegalArgumentException("Expected named arguments but got " + rest);
        }
        return new StepCall(name, args, body);
    }

    /** Jenkins turns GStrings among the arguments into strings before the step sees them. */
    private static Object flatten(Object o) {
        if (o instanceof GString) return o.toString();
        if (o instanceof Map<?, ?> m) {
            Map<Object, Object> copy = new LinkedHashMap<>();
            m.forEach((k, v) -> copy.put(k instanceof GString ? k.toString() : k, flatten(v)));
            return copy;
        }
        if (o instanceof Collection<?> c) {
            List<Object> copy = new ArrayList<>();
            for (Object e : c) copy.add(flatten(e));
            return copy;
        }
        return o;
    }
}
