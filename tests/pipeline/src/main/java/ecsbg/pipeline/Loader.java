package ecsbg.pipeline;

import com.cloudbees.groovy.cps.NonCPS;
import groovy.lang.Binding;
import groovy.lang.GroovyClassLoader;
import groovy.lang.GroovyCodeSource;
import groovy.lang.Script;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.codehaus.groovy.control.CompilerConfiguration;
import org.codehaus.groovy.control.customizers.ImportCustomizer;
import org.codehaus.groovy.runtime.InvokerHelper;

/** Compiles the Jenkinsfile and the files of vars/ as Jenkins does. What was compiled once is used again by later runs: nothing in it is static. */
final class Loader {
    private static final Map<Map<String, String>, Vars> LIBRARIES = new HashMap<>();
    private static final Map<Map<String, String>, Loader> SCRIPTS = new HashMap<>();
    private final Vars library;
    private final GroovyClassLoader classes;
    private final String script;
    private Class<?> main;

    /** The files of vars/, whatever scripts use them. */
    private record Vars(GroovyClassLoader classes, Map<String, String> sources, Map<String, Class<?>> compiled) {
        synchronized Class<?> variable(String name) {
            String source = sources.get(name);
            if (source == null) return null;
            return compiled.computeIfAbsent(name, n -> classes.parseClass(new GroovyCodeSource(source, n + ".groovy", "/groovy/shell"), false));
        }
    }

    private Loader(Vars library, String script) {
        this.library = library;
        this.classes = newClassLoader(library.classes());
        this.script = script;
    }

    static synchronized Loader of(Path vars, String script) {
        Map<String, String> sources = read(vars);
        Vars library = LIBRARIES.computeIfAbsent(sources, s -> new Vars(newClassLoader(Loader.class.getClassLoader()), s, new HashMap<>()));
        Map<String, String> key = new TreeMap<>(sources);
        key.put("/", script);
        return SCRIPTS.computeIfAbsent(key, k -> new Loader(library, script));
    }

    private static Map<String, String> read(Path vars) {
        Map<String, String> found = new TreeMap<>();
        if (vars == null || !Files.isDirectory(vars)) return found;
        try (Stream<Path> files = Files.list(vars)) {
            for (Path f : (Iterable<Path>) files::iterator) {
                String name = f.getFileName().toString();
                if (name.endsWith(".groovy")) found.put(name.substring(0, name.length() - 7), Files.readString(f));
            }
        } catch (IOException x) {
            throw new UncheckedIOException(x);
        }
        return found;
    }

    private static GroovyClassLoader newClassLoader(ClassLoader parent) {
        CompilerConfiguration config = new CompilerConfiguration();
        config.setScriptBaseClass(BaseScript.class.getName());
        config.setSourceEncoding("UTF-8");
        ImportCustomizer imports = new ImportCustomizer();
        imports.addStarImports(NonCPS.class.getPackage().getName(), "hudson.model", "jenkins.model");
        imports.addImports(Library.class.getName());
        config.addCompilationCustomizers(imports, new Transformer());
        return new GroovyClassLoader(parent, config);
    }

    ClassLoader classes() {
        return classes;
    }

    TreeSet<String> variables() {
        return new TreeSet<>(library.sources().keySet());
    }

    synchronized Script script(Binding binding) {
        if (main == null) main = classes.parseClass(new GroovyCodeSource(script, "WorkflowScript", "/groovy/shell"), false);
        return InvokerHelper.createScript(main, binding);
    }

    Script variable(String name, Binding binding) {
        Class<?> c = library.variable(name);
        return c == null ? null : InvokerHelper.createScript(c, binding);
    }
}
