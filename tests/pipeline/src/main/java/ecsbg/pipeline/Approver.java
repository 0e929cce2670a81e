package ecsbg.pipeline;

import java.util.Map;

/** Answers `input`: what the people who look at the build do. */
@FunctionalInterface
public interface Approver {
    Answer answer(Run.Input question);

    /** Which way an approval comes to Jenkins. */
    enum Way {
        /** The form: each parameter has a value, its default where nobody changed it. */
        FORM,
        /** `proceed` with some parameters, or none: the others have no value. `proceedEmpty` is the same with none. */
        API,
        /** `proceedEmpty` before pipeline-input-step's pull request 238 (July 2025): not even the submitter is returned. */
        OLD_PROCEED_EMPTY
    }

    /** @param user who; null: nobody answers @param values of the parameters; of a form, those that differ from their defaults @param after milliseconds of the pipeline's clock */
    record Answer(String user, boolean approved, Map<String, Object> values, long after, Way way) {
        public static Answer approve(String user) {
            return approve(user, Map.of());
        }

        public static Answer approve(String user, Map<String, Object> values) {
            return new Answer(user, true, values, 0, Way.FORM);
        }

        public static Answer byApi(String user, Map<String, Object> values) {
            return new Answer(user, true, values, 0, Way.API);
        }

        public static Answer proceedEmpty(String user) {
            return byApi(user, Map.of());
        }

        public static Answer oldProceedEmpty(String user) {
            return new Answer(user, true, Map.of(), 0, Way.OLD_PROCEED_EMPTY);
        }

        public static Answer reject(String user) {
            return new Answer(user, false, Map.of(), 0, Way.FORM);
        }

        public static Answer none() {
            return new Answer(null, false, Map.of(), 0, Way.FORM);
        }

        public Answer after(long millis) {
            return new Answer(user, approved, values, millis, way);
        }
    }

    static Approver by(String user) {
        return q -> Answer.approve(user);
    }

    static Approver nobody() {
        return q -> Answer.none();
    }
}
