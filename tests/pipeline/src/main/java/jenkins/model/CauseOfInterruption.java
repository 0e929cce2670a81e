package jenkins.model;

import java.io.Serializable;

/** Why a build, or a part of it, was interrupted. */
public abstract class CauseOfInterruption implements Serializable {
    private static final long serialVersionUID = 1L;

    public abstract String getShortDescription();

    /** A person pressed the stop button. */
    public static final class UserInterruption extends CauseOfInterruption {
        private static final long serialVersionUID = 1L;
        private final String user;

        public UserInterruption(String user) {
            this.user = user;
        }

        @Override
        public String getShortDescription() {
            return "Aborted by " + user;
        }
    }

    /** A cause told by its description alone: an expired timeout, a rejected input, a lost agent, a failed sibling branch. */
    public static final class Described extends CauseOfInterruption {
        private static final long serialVersionUID = 1L;
        private final String description;

        public Described(String description) {
            this.description = description;
        }

        @Override
        public String getShortDescription() {
            return description;
        }
    }
}
