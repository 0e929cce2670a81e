package ecsbg.pipeline;

import com.cloudbees.groovy.cps.sandbox.Invoker;

/** What a `@NonCPS` method calls in place of the real thing: the same checks as for transformed code, then the real thing. */
public final class Checked {
    private static final Invoker INVOKER = new SandboxInvoker();

    private Checked() {}

    public static Object call(Object receiver, boolean safe, Object name, Object[] args) throws Throwable {
        if (safe && receiver == null) return null;
        return INVOKER.methodCall(receiver, name.toString(), args);
    }

    public static Object construct(Class<?> type, Object[] args) throws Throwable {
        return INVOKER.constructorCall(type, args);
    }

    public static Object get(Object receiver, boolean safe, Object name) throws Throwable {
        if (safe && receiver == null) return null;
        return INVOKER.getProperty(receiver, name.toString());
    }

    public static Object set(Object receiver, Object name, Object value) throws Throwable {
        INVOKER.setProperty(receiver, name.toString(), value);
        return value;
    }

    public static Object at(Object receiver, Object index) throws Throwable {
        return INVOKER.getArray(receiver, index);
    }

    public static Object putAt(Object receiver, Object index, Object value) throws Throwable {
        INVOKER.setArray(receiver, index, value);
        return value;
    }
}
