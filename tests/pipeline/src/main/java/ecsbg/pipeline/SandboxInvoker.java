package ecsbg.pipeline;

import com.cloudbees.groovy.cps.impl.CallSiteBlock;
import com.cloudbees.groovy.cps.sandbox.DefaultInvoker;
import com.cloudbees.groovy.cps.sandbox.Invoker;
import com.cloudbees.groovy.cps.sandbox.Untrusted;
import groovy.lang.Closure;
import groovy.lang.GroovyRuntimeException;
import groovy.lang.MetaClassImpl;
import groovy.lang.MetaMethod;
import groovy.lang.MissingMethodException;
import groovy.lang.MissingPropertyException;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.codehaus.groovy.runtime.GStringImpl;
import org.codehaus.groovy.runtime.InvokerHelper;
import org.codehaus.groovy.runtime.MetaClassHelper;
import org.codehaus.groovy.runtime.ScriptBytecodeAdapter;

/** Stands between the scripts and everything that they touch: the sandbox is asked first, and the time is the pipeline's. */
final class SandboxInvoker extends DefaultInvoker {
    private static final long serialVersionUID = 1L;
    private static final Set<String> OF_CLOSURE =
        Set.of("delegate", "owner", "maximumNumberOfParameters", "parameterTypes", "metaClass", "class", "directive", "resolveStrategy", "thisObject");

    /** What `as`, casts and GStrings are compiled to. */
    private static final Set<String> CONVERSIONS = Set.of("asType", "castToType");

    @Override
    public Object methodCall(Object receiver, String name, Object[] args) throws Throwable {
        if (receiver == null) return super.methodCall(null, name, args);
        if (receiver instanceof Class<?> c) {
            MetaMethod m = InvokerHelper.getMetaClass(c) instanceof MetaClassImpl mc ? mc.retrieveStaticMethod(name, args) : null;
            if (m != null && m.isStatic()) {
                if (c == ScriptBytecodeAdapter.class && CONVERSIONS.contains(name)) {
                    Sandbox.cast(args[0], (Class<?>) args[1]);
                    return super.methodCall(receiver, name, args);
                }
                Sandbox.staticCall(m.getDeclaringClass().getTheClass() == Class.class ? Class.class : c, name, args);
                if (c == System.class && name.equals("currentTimeMillis")) return Machine.current().clock().now();
                return super.methodCall(receiver, name, args);
            }
        }
        if (receiver instanceof Closure<?> c) {
            if (name.equals("invokeMethod") && args.length == 2 && args[1] instanceof Object[] inner) return methodCall(c, args[0].toString(), inner);
            MetaMethod own = InvokerHelper.getMetaClass(c).pickMethod(name, MetaClassHelper.convertToTypeArray(args));
            // Groovy gives every object a `sleep` of milliseconds; in a Jenkinsfile it is the step
            if (own == null || name.equals("sleep")) return onTargets(c, name, args);
        }
        Sandbox.call(receiver, name, args);
        return super.methodCall(receiver, name, args);
    }

    private Object onTargets(Closure<?> c, String name, Object[] args) throws Throwable {
        List<Object> targets = Sandbox.targets(c);
        for (Object t : targets) {
            if (InvokerHelper.getMetaClass(t).pickMethod(name, MetaClassHelper.convertToTypeArray(args)) != null) return methodCall(t, name, args);
        }
        MissingMethodException none = null;
        for (Object t : targets) {
            try {
                if (t instanceof Closure) return methodCall(t, name, args);
                Sandbox.call(t, "invokeMethod", new Object[] {name, args});
                return super.methodCall(t, name, args);
            } catch (MissingMethodException x) {
                none = x;
            }
        }
        throw none != null ? none : new MissingMethodException(name, c.getClass(), args);
    }

    @Override
    public Object constructorCall(Class type, Object[] args) throws Throwable {
        if (type != GStringImpl.class) Sandbox.construct(type, args);
        if (type == Date.class && args.length == 0) return new Date(Machine.current().clock().now());
        return super.constructorCall(type, args);
    }

    @Override
    public Object superCall(Class type, Object receiver, String name, Object[] args) throws Throwable {
        Sandbox.call(receiver, name, args);
        return super.superCall(type, receiver, name, args);
    }

    @Override
    public Object getProperty(Object receiver, String name) throws Throwable {
        if (receiver == null) return super.getProperty(null, name);
        if (receiver instanceof Closure<?> c && !OF_CLOSURE.contains(name)) {
            MissingPropertyException none = null;
            for (Object t : Sandbox.targets(c)) {
                try {
                    return getProperty(t, name);
                } catch (MissingPropertyException x) {
                    none = x;
                }
            }
            throw none != null ? none : new MissingPropertyException(name, c.getClass());
        }
        // Groovy reads a property of a Map by its `get`
        if (receiver instanceof Map) Sandbox.call(receiver, "get", new Object[] {name});
        else Sandbox.get(receiver, name);
        return super.getProperty(receiver, name);
    }

    @Override
    public void setProperty(Object receiver, String name, Object value) throws Throwable {
        if (receiver instanceof Closure<?> c && !OF_CLOSURE.contains(name)) {
            GroovyRuntimeException none = null;
            for (Object t : Sandbox.targets(c)) {
                try {
                    setProperty(t, name, value);
                    return;
                } catch (MissingPropertyException x) {
                    none = x;
                }
            }
            throw none != null ? none : new MissingPropertyException(name, c.getClass());
        }
        if (receiver instanceof Map) Sandbox.call(receiver, "put", new Object[] {name, value});
        else if (receiver != null) Sandbox.set(receiver, name, value);
        super.setProperty(receiver, name, value);
    }

    @Override
    public Object getAttribute(Object receiver, String name) throws Throwable {
        Sandbox.attribute(receiver, name);
        return super.getAttribute(receiver, name);
    }

    @Override
    public void setAttribute(Object receiver, String name, Object value) throws Throwable {
        Sandbox.attribute(receiver, name);
        super.setAttribute(receiver, name, value);
    }

    @Override
    public Object getArray(Object receiver, Object index) throws Throwable {
        if (receiver != null && !receiver.getClass().isArray()) Sandbox.call(receiver, "getAt", new Object[] {index});
        return super.getArray(receiver, index);
    }

    @Override
    public void setArray(Object receiver, Object index, Object value) throws Throwable {
        if (receiver != null && !receiver.getClass().isArray()) Sandbox.call(receiver, "putAt", new Object[] {index, value});
        super.setArray(receiver, index, value);
    }

    @Override
    public Object methodPointer(Object receiver, String name) {
        if (!(receiver instanceof BaseScript)) throw Sandbox.rejected("method pointer", AllowList.name(receiver.getClass()) + " " + name);
        return super.methodPointer(receiver, name);
    }

    @Override
    public Invoker contextualize(CallSiteBlock site) {
        // inside of Groovy's own methods that take closures, as rewritten for CPS, nothing is the script's call
        return site.getTags().contains(Untrusted.INSTANCE) ? this : Invoker.INSTANCE;
    }
}
