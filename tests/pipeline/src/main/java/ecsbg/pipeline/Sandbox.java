package ecsbg.pipeline;

import groovy.lang.Binding;
import groovy.lang.Closure;
import groovy.lang.GroovyClassLoader;
import groovy.lang.GroovyObject;
import groovy.lang.Script;
import java.io.File;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.codehaus.groovy.runtime.DateGroovyMethods;
import org.codehaus.groovy.runtime.DefaultGroovyMethods;
import org.codehaus.groovy.runtime.EncodingGroovyMethods;
import org.codehaus.groovy.runtime.ProcessGroovyMethods;
import org.codehaus.groovy.runtime.StringGroovyMethods;
import org.jenkinsci.plugins.scriptsecurity.sandbox.RejectedAccessException;

/** Decides as the sandbox of Jenkins' script-security does. Every method returns quietly or throws {@link RejectedAccessException}. */
final class Sandbox {
    /** Where Groovy keeps what it adds to Java's classes, in the order in which Jenkins looks. */
    private static final Class<?>[] ADDED = {
        DefaultGroovyMethods.class, EncodingGroovyMethods.class, DateGroovyMethods.class, ProcessGroovyMethods.class, StringGroovyMethods.class,
    };
    private static final Set<String> OF_SCRIPT = Set.of("println", "print", "printf", "sleep", "invokeMethod", "getProperty", "setProperty");
    private static final Object[] NONE = {};

    private Sandbox() {}

    static void call(Object receiver, String name, Object[] args) {
        Method m = Members.method(receiver, name, args);
        if (m != null) {
            if (permits(m, receiver)) return;
            if (name.equals("invokeMethod") && args.length == 2 && args[1] instanceof Object[] inner) {
                throw rejected("method", AllowList.name(receiver.getClass()) + " " + args[0] + types(inner));
            }
            throw rejected(m);
        }
        if (receiver instanceof Number || receiver instanceof String && name.equals("plus")) return;
        Object[] withSelf = new Object[args.length + 1];
        withSelf[0] = receiver;
        System.arraycopy(args, 0, withSelf, 1, args.length);
        for (Class<?> c : ADDED) {
            if (Members.declared(c, name, withSelf) != null) {
                staticCall(c, name, withSelf);
                return;
            }
        }
        if (receiver instanceof GroovyObject && !(args.length == 2 && name.equals("invokeMethod"))) {
            call(receiver, "invokeMethod", new Object[] {name, args});
            return;
        }
        throw rejected("unclassified method", AllowList.name(receiver.getClass()) + " " + name + types(args));
    }

    static void staticCall(Class<?> c, String name, Object[] args) {
        Method m = Members.declared(c, name, args);
        if (m == null) throw rejected("unclassified staticMethod", AllowList.name(c) + " " + name + types(args));
        if (!permits(m, null)) throw rejected(m);
    }

    static void construct(Class<?> c, Object[] args) {
        Constructor<?> k = Members.constructor(c, args);
        if (k == null) throw rejected("unclassified new", AllowList.name(c) + types(args));
        if (!ofScript(k) && !AllowList.permits(AllowList.signature(k))) throw rejected(k);
    }

    /** A conversion may hide a constructor: `[1] as Foo`, `(Foo) [a: 1]`. */
    static void cast(Object value, Class<?> to) {
        if (value == null || to.isInstance(value) || to.isArray() || to.isPrimitive() || to.isInterface() || Collection.class.isAssignableFrom(to)) return;
        if (value instanceof Collection<?> c) construct(to, c.toArray());
        else if (value instanceof Object[] a) construct(to, a);
        else if (value instanceof Map<?, ?> m) construct(to, new Object[] {m});
        else if (value instanceof File) throw rejected("cast", AllowList.name(value.getClass()) + " to " + AllowList.name(to));
    }

    static void get(Object receiver, String name) {
        if (receiver instanceof Script s && bound(s.getBinding(), name)) return;
        if (name.equals("length") && receiver.getClass().isArray()) return;
        List<Member> found = new ArrayList<>();
        String getter = "get" + capitalized(name);
        String is = "is" + capitalized(name);
        addMethod(found, Members.method(receiver, getter, NONE), false);
        addMethod(found, Members.method(receiver, is, NONE), true);
        for (Class<?> c : ADDED) {
            addMethod(found, Members.declared(c, getter, new Object[] {receiver}), false);
            addMethod(found, Members.declared(c, is, new Object[] {receiver}), true);
        }
        addField(found, Members.field(receiver, name));
        addMethod(found, Members.method(receiver, "getProperty", new Object[] {name}), false);
        if (receiver instanceof Class<?> c) {
            addMethod(found, Members.declared(c, getter, NONE), false);
            addMethod(found, Members.declared(c, is, NONE), true);
            addField(found, Members.declaredField(c, name));
        }
        anyOf(found, receiver, name);
    }

    static void set(Object receiver, String name, Object value) {
        if (receiver instanceof Script && !name.equals("binding") && !name.equals("metaClass")) return;
        List<Member> found = new ArrayList<>();
        String setter = "set" + capitalized(name);
        addMethod(found, Members.method(receiver, setter, new Object[] {value}), false);
        addMethod(found, Members.method(receiver, "setProperty", new Object[] {name, value}), false);
        addField(found, Members.field(receiver, name));
        if (receiver instanceof Class<?> c) {
            addMethod(found, Members.declared(c, setter, new Object[] {value}), false);
            addField(found, Members.declaredField(c, name));
        }
        anyOf(found, receiver, name);
    }

    static void attribute(Object receiver, String name) {
        Field f = Members.field(receiver, name);
        if (f == null) throw rejected("unclassified field", AllowList.name(receiver.getClass()) + " " + name);
        if (!permits(f, receiver)) throw rejected(f);
    }

    private static void anyOf(List<Member> found, Object receiver, String name) {
        for (Member m : found) {
            if (permits(m, receiver)) return;
        }
        if (found.isEmpty()) throw rejected("unclassified field", AllowList.name(receiver.getClass()) + " " + name);
        throw rejected(found.get(0));
    }

    private static void addMethod(List<Member> to, Method m, boolean mustBeBoolean) {
        if (m != null && (!mustBeBoolean || m.getReturnType() == boolean.class)) to.add(m);
    }

    private static void addField(List<Member> to, Field f) {
        if (f != null) to.add(f);
    }

    private static boolean permits(Member m, Object receiver) {
        if (ofScript(m)) return true;
        if (m instanceof Field f) return AllowList.permits(AllowList.signature(f));
        Method method = (Method) m;
        if (receiver instanceof BaseScript && OF_SCRIPT.contains(method.getName()) && !Modifier.isStatic(m.getModifiers())) return true;
        if (permittedGlobal(receiver, method)) return true;
        return AllowList.permits(AllowList.signature(method));
    }

    /** Methods, fields and constructors of the scripts' own classes. */
    private static boolean ofScript(Member m) {
        return m.getDeclaringClass().getClassLoader() instanceof GroovyClassLoader;
    }

    /** `env`, `currentBuild`: by the annotation on their own method, also where the call was found on a supertype. */
    private static boolean permittedGlobal(Object receiver, Method m) {
        if (receiver == null || receiver.getClass().getEnclosingClass() != Globals.class) return false;
        try {
            return receiver.getClass().getDeclaredMethod(m.getName(), m.getParameterTypes()).isAnnotationPresent(Permitted.class);
        } catch (NoSuchMethodException x) {
            return false;
        }
    }

    private static boolean bound(Binding b, String name) {
        return b.hasVariable(name);
    }

    /** Where a closure looks for names, as its resolve strategy says. */
    static List<Object> targets(Closure<?> c) {
        List<Object> all = new ArrayList<>();
        switch (c.getResolveStrategy()) {
            case Closure.DELEGATE_FIRST -> {
                all.add(c.getDelegate());
                all.add(c.getOwner());
            }
            case Closure.OWNER_ONLY -> all.add(c.getOwner());
            case Closure.DELEGATE_ONLY -> all.add(c.getDelegate());
            case Closure.TO_SELF -> {
                // nowhere else
            }
            default -> {
                all.add(c.getOwner());
                all.add(c.getDelegate());
            }
        }
        all.removeIf(o -> o == null);
        if (all.size() == 2 && all.get(0) == all.get(1)) all.remove(1);
        return all;
    }

    private static String capitalized(String s) {
        return s.isEmpty() ? s : Character.toUpperCase(s.charAt(0)) + s.substring(1);
    }

    private static String types(Object[] args) {
        StringBuilder b = new StringBuilder();
        for (Object a : args) b.append(' ').append(a == null ? "null" : AllowList.name(a.getClass()));
        return b.toString();
    }

    private static RejectedAccessException rejected(Member m) {
        String s = m instanceof Field f ? AllowList.signature(f) : AllowList.signature((java.lang.reflect.Executable) m);
        int space = s.indexOf(' ');
        return rejected(s.substring(0, space), s.substring(space + 1));
    }

    static RejectedAccessException rejected(String kind, String what) {
        Machine m = Machine.currentOrNull();
        if (m != null) m.run.refusals.add(kind + " " + what);
        return new RejectedAccessException(kind, what);
    }
}
