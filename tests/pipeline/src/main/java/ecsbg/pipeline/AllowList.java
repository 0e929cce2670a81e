package ecsbg.pipeline;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;

/**
 * The signatures that Jenkins' sandbox permits, as far as the library uses them: a line of `sandbox-allowed.txt` is a line of
 * script-security's list, which is `script-security.txt` and holds for scripts that are not the library's. The environment variable ECSBG_SANDBOX_LIST may name a longer list, for trying things out; ECSBG_SANDBOX_USED
 * a file to which each signature that was used is added, for keeping the project's list short.
 */
final class AllowList {
    private static final AllowList INSTANCE = new AllowList();
    private final Set<String> own = new HashSet<>();
    private final Set<String> longer = new HashSet<>();
    private final Set<String> used = new HashSet<>();
    private final String usedFile = System.getenv("ECSBG_SANDBOX_USED");

    /** Read where it is wanted, once. */
    private static final class Whole {
        static final Set<String> SIGNATURES = new HashSet<>();

        static {
            resource("/script-security.txt", SIGNATURES);
        }
    }

    private AllowList() {
        resource("/sandbox-allowed.txt", own);
        try {
            String more = System.getenv("ECSBG_SANDBOX_LIST");
            if (more != null) {
                try (BufferedReader r = Files.newBufferedReader(Path.of(more))) {
                    read(r, longer);
                }
                longer.removeAll(own);
            }
        } catch (IOException x) {
            throw new UncheckedIOException(x);
        }
    }

    private static void resource(String name, Set<String> into) {
        try (InputStream in = AllowList.class.getResourceAsStream(name)) {
            if (in == null) throw new IllegalStateException(name + " is missing");
            read(new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8)), into);
        } catch (IOException x) {
            throw new UncheckedIOException(x);
        }
    }

    private static void read(BufferedReader r, Set<String> into) {
        r.lines().map(String::strip).filter(l -> !l.isEmpty() && !l.startsWith("#")).forEach(into::add);
    }

    static boolean permits(String signature) {
        Machine m = Machine.currentOrNull();
        boolean ok = INSTANCE.own.contains(signature) || INSTANCE.longer.contains(signature)
            || m != null && m.pipeline.wholeSandbox && Whole.SIGNATURES.contains(signature);
        if (ok) INSTANCE.note(signature);
        if (ok && m != null) m.run.permitted.add(INSTANCE.own.contains(signature) ? signature : "+ " + signature);
        return ok;
    }

    private synchronized void note(String signature) {
        if (!used.add(signature) || usedFile == null) return;
        try {
            Files.writeString(Path.of(usedFile), signature + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException x) {
            throw new UncheckedIOException(x);
        }
    }

    /** Signatures of the project's list that nothing in this process has used. */
    static Set<String> unused() {
        Set<String> left = new TreeSet<>(INSTANCE.own);
        synchronized (INSTANCE) {
            left.removeAll(INSTANCE.used);
        }
        return left;
    }

    static String signature(Executable x) {
        StringBuilder b = new StringBuilder();
        if (x instanceof Constructor<?>) {
            b.append("new ").append(name(x.getDeclaringClass()));
        } else {
            b.append(Modifier.isStatic(x.getModifiers()) ? "staticMethod " : "method ").append(name(x.getDeclaringClass()))
                .append(' ').append(((Method) x).getName());
        }
        for (Class<?> p : x.getParameterTypes()) b.append(' ').append(name(p));
        return b.toString();
    }

    static String signature(Field f) {
        return (Modifier.isStatic(f.getModifiers()) ? "staticField " : "field ") + name(f.getDeclaringClass()) + " " + f.getName();
    }

    static String name(Class<?> c) {
        return c.isArray() ? name(c.getComponentType()) + "[]" : c.getName();
    }
}
