package ecsbg.pipeline;

import com.google.common.primitives.Primitives;
import groovy.lang.GString;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Guesses which Java member a dynamic call means, in the way of Jenkins' sandbox: the most general declaration that fits the arguments. */
final class Members {
    /** A class's own methods by name: reflection copies all of them at each look, and there is one at each call of a script. */
    private static final ClassValue<Map<String, List<Method>>> METHODS = new ClassValue<>() {
        @Override
        protected Map<String, List<Method>> computeValue(Class<?> c) {
            return Arrays.stream(c.getDeclaredMethods()).collect(Collectors.groupingBy(Method::getName));
        }
    };
    /** A class with all its supertypes, which come first. */
    private static final ClassValue<Set<Class<?>>> TYPES = new ClassValue<>() {
        @Override
        protected Set<Class<?>> computeValue(Class<?> c) {
            Set<Class<?>> all = new LinkedHashSet<>();
            collect(all, c);
            return all;
        }
    };

    private Members() {}

    static Method method(Object receiver, String name, Object[] args) {
        for (Class<?> c : TYPES.get(receiver.getClass())) {
            Method m = declared(c, name, args);
            if (m != null) return m;
        }
        // a GString hands on what it does not know to its String
        return receiver instanceof GString ? declared(String.class, name, args) : null;
    }

    static Method declared(Class<?> c, String name, Object[] args) {
        Method best = null;
        for (Method m : METHODS.get(c).getOrDefault(name, List.of())) {
            if (fits(m, args) && (best == null || moreSpecific(m, best))) best = m;
        }
        return best;
    }

    static Constructor<?> constructor(Class<?> c, Object[] args) {
        for (Constructor<?> k : c.getDeclaredConstructors()) {
            if (fits(k, args)) return k;
        }
        return null;
    }

    static Field field(Object receiver, String name) {
        for (Class<?> c : TYPES.get(receiver.getClass())) {
            Field f = declaredField(c, name);
            if (f != null) return f;
        }
        return null;
    }

    static Field declaredField(Class<?> c, String name) {
        for (Field f : c.getDeclaredFields()) {
            if (f.getName().equals(name)) return f;
        }
        return null;
    }

    private static void collect(Set<Class<?>> all, Class<?> c) {
        if (c.getSuperclass() != null) collect(all, c.getSuperclass());
        for (Class<?> i : c.getInterfaces()) collect(all, i);
        all.add(c);
    }

    private static boolean fits(Executable x, Object[] args) {
        Class<?>[] types = x.getParameterTypes();
        if (types.length == args.length && fits(types, args, types.length)) return true;
        if (!x.isVarArgs() || args.length < types.length - 1) return false;
        int fixed = types.length - 1;
        if (!fits(types, args, fixed)) return false;
        Class<?> rest = types[fixed].getComponentType();
        for (int i = fixed; i < args.length; i++) {
            if (!fits(rest, args[i])) return false;
        }
        return true;
    }

    private static boolean fits(Class<?>[] types, Object[] args, int count) {
        for (int i = 0; i < count; i++) {
            if (!fits(types[i], args[i])) return false;
        }
        return true;
    }

    private static boolean fits(Class<?> type, Object arg) {
        if (arg == null) return !type.isPrimitive();
        Class<?> wrapped = Primitives.wrap(type);
        if (wrapped.isInstance(arg) || type == String.class && arg instanceof GString) return true;
        if (!type.isPrimitive()) return false;
        if (type == long.class) return arg instanceof Integer;
        return type == int.class && arg instanceof Long l && l >= Integer.MIN_VALUE && l <= Integer.MAX_VALUE;
    }

    private static boolean moreSpecific(Method more, Method less) {
        if (more.isVarArgs() != less.isVarArgs()) return less.isVarArgs();
        Class<?>[] a = more.getParameterTypes();
        Class<?>[] b = less.getParameterTypes();
        for (int i = 0; i < Math.min(a.length, b.length); i++) {
            Class<?> x = Primitives.wrap(a[i]);
            Class<?> y = Primitives.wrap(b[i]);
            if (x == y) continue;
            if (x.isAssignableFrom(y)) return false;
            if (y.isAssignableFrom(x)) return true;
            if (x == Integer.class && y == Long.class) return true;
            if (x == Long.class && y == Integer.class) return false;
        }
        return more.toString().compareTo(less.toString()) > 0;
    }
}
