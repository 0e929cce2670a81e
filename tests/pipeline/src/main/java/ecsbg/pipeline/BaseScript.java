package ecsbg.pipeline;

import com.cloudbees.groovy.cps.SerializableScript;
import groovy.lang.MissingPropertyException;
import org.codehaus.groovy.runtime.InvokerHelper;

/** What the Jenkinsfile and every file in vars/ extend: names that are not methods of the file are other vars, then steps. */
public abstract class BaseScript extends SerializableScript {
    private static final long serialVersionUID = 1L;

    @Override
    public Object invokeMethod(String name, Object args) {
        Object[] array = args instanceof Object[] a ? a : new Object[] {args};
        Object global = Machine.current().globalOrNull(name);
        if (global != null) {
            // a closure in the binding is called as one; a global variable or a file of vars/ by its `call`
            return InvokerHelper.getMetaClass(global).invokeMethod(global, "call", array);
        }
        return Machine.current().callStep(name, array);
    }

    @Override
    public Object getProperty(String name) {
        try {
            return super.getProperty(name);
        } catch (MissingPropertyException x) {
            Object global = Machine.current().globalOrNull(name);
            if (global != null) return global;
            // Pipeline's reference of `env`: "accessible from Groovy code as env.VARNAME or simply as VARNAME"
            String variable = Machine.current().environment().get(name);
            if (variable != null) return variable;
            throw x;
        }
    }

    // Groovy gives every object methods of these names, which would win over the steps

    @Override
    public void println(Object value) {
        invokeMethod("echo", new Object[] {String.valueOf(value)});
    }

    @Override
    public void println() {
        invokeMethod("echo", new Object[] {""});
    }

    @Override
    public void print(Object value) {
        println(value);
    }

    public Object sleep(long seconds) {
        return invokeMethod("sleep", new Object[] {seconds});
    }
}
