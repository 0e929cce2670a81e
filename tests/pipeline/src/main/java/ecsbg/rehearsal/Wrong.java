package ecsbg.rehearsal;

/** Something that was asked for and cannot be done: a message for a person. */
final class Wrong extends Exception {
    private static final long serialVersionUID = 1L;

    Wrong(String message) {
        super(message);
    }
}
