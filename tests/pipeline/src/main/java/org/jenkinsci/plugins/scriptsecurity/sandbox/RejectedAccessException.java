package org.jenkinsci.plugins.scriptsecurity.sandbox;

/** The sandbox refused a call. */
public final class RejectedAccessException extends SecurityException {
    private static final long serialVersionUID = 1L;
    private final String signature;

    public RejectedAccessException(String kind, String signature) {
        super("Scripts not permitted to use " + kind + " " + signature);
        this.signature = kind + " " + signature;
    }

    public RejectedAccessException(String message) {
        super(message);
        this.signature = message;
    }

    /** As it would stand in the list of approved signatures. */
    public String getSignature() {
        return signature;
    }
}
