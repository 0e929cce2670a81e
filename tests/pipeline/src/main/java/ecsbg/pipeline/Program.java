package ecsbg.pipeline;

import com.cloudbees.groovy.cps.ObjectInputStreamWithLoader;
import groovy.lang.Binding;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InvalidClassException;
import java.io.NotSerializableException;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/** Everything that a restart of Jenkins would have to bring back. */
final class Program implements Serializable {
    private static final long serialVersionUID = 1L;
    final Map<String, Object> variables = new LinkedHashMap<>();
    final TreeMap<Integer, VmThread> threads = new TreeMap<>();
    final Build build = new Build();
    int nextThread = 1;

    /** `Binding` itself is not serializable; its map is, and is shared with the one that the scripts hold. */
    static final class Names extends Binding implements Serializable {
        private static final long serialVersionUID = 1L;
        private final Map<String, Object> values;

        Names(Map<String, Object> values) {
            super(values);
            this.values = values;
        }

        private Object writeReplace() {
            return new Saved(values);
        }

        private record Saved(Map<String, Object> values) implements Serializable {
            private Object readResolve() {
                return new Names(values);
            }
        }
    }

    record Restored(Program program, long bytes) {}

    /** What a restarted Jenkins would read back. Throws where Jenkins could not have saved. */
    Restored saveAndRestore(ClassLoader loader) throws NotSerializableException {
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
                out.writeObject(this);
            }
            try (ObjectInputStreamWithLoader in = new ObjectInputStreamWithLoader(new ByteArrayInputStream(bytes.toByteArray()), loader)) {
                return new Restored((Program) in.readObject(), bytes.size());
            }
        } catch (NotSerializableException x) {
            throw x;
        } catch (InvalidClassException x) {
            NotSerializableException n = new NotSerializableException(x.getMessage());
            n.initCause(x);
            throw n;
        } catch (IOException | ClassNotFoundException x) {
            throw new IllegalStateException("the program was saved but not restored: " + x, x);
        }
    }
}
