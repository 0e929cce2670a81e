package ecsbg.pipeline;

import java.io.NotSerializableException;

/** A local variable or a field holds what Jenkins cannot save, at a step. The message names its class. */
public final class UnsavableException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    UnsavableException(NotSerializableException cause, String step) {
        super("java.io.NotSerializableException: " + cause.getMessage() + " (held while the step " + step + " starts)", cause);
    }
}
