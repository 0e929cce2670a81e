package ecsbg.pipeline;

import java.util.Map;

/** Answers `input`: what the people who look at the build do. */
@FunctionalInterface
public interface Approver {
    Answer answer(Run.Input question);

    /** @param user who; null: nobody answers @param values of the parameters that differ from their defaults @param after milliseconds of the pipeline's clock */
    record Answer(String user, boolean approved, Map<String, Object> values, long after) {
        public static Answer approve(String user) {
            return new Answer(user, true, Map.of(), 0);
        }

        public static Answer approve(String user, Map<String, Object> values) {
            return new Answer(user, true, values, 0);
        }

        public static Answer reject(String user) {
            return new Answer(user, false, Map.of(), 0);
        }

        public static Answer none() {
            return new Answer(null, false, Map.of(), 0);
        }

        public Answer after(long millis) {
            return new Answer(user, approved, values, millis);
        }
    }

    static Approver by(String user) {
        return q -> Answer.approve(user);
    }

    static Approver nobody() {
        return q -> Answer.none();
    }
}
