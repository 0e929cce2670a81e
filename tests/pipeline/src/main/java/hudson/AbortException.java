package hudson;

import java.io.IOException;

/** What `error` and a failing `sh` throw: the log shows its message without a stack trace. Has Jenkins' name because scripts catch it by that. */
public class AbortException extends IOException {
    private static final long serialVersionUID = 1L;

    public AbortException() {}

    public AbortException(String message) {
        super(message);
    }
}
