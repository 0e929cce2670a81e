package ecsbg.pipeline;

import groovy.lang.GroovyObjectSupport;
import hudson.model.Result;
import java.io.Serializable;

/** `env`, `currentBuild` and `scm`. They hold nothing: what they show is in the program and in the frames. */
final class Globals {
    private Globals() {}

    /** `env`: reads the environment of where it is called, writes the build's. */
    static final class Env extends GroovyObjectSupport implements Serializable {
        private static final long serialVersionUID = 1L;

        @Permitted
        @Override
        public Object getProperty(String name) {
            return Machine.current().environment().get(name);
        }

        @Permitted
        @Override
        public void setProperty(String name, Object value) {
            Machine.current().program().build.environment.put(name, String.valueOf(value));
        }

        @Permitted
        public java.util.Map<String, String> getEnvironment() {
            return new java.util.TreeMap<>(Machine.current().environment());
        }
    }

    /** `currentBuild`. */
    static final class CurrentBuild extends GroovyObjectSupport implements Serializable {
        private static final long serialVersionUID = 1L;

        private static Build build() {
            return Machine.current().program().build;
        }

        @Permitted
        public String getResult() {
            return build().result == null ? null : build().result.toString();
        }

        @Permitted
        public void setResult(String result) {
            build().worsen(Result.fromString(result));
        }

        @Permitted
        public String getCurrentResult() {
            return build().result == null ? "SUCCESS" : build().result.toString();
        }

        @Permitted
        public boolean resultIsBetterOrEqualTo(String other) {
            return Result.fromString(getCurrentResult()).isBetterOrEqualTo(Result.fromString(other));
        }

        @Permitted
        public boolean resultIsWorseOrEqualTo(String other) {
            return Result.fromString(getCurrentResult()).isWorseOrEqualTo(Result.fromString(other));
        }

        @Permitted
        public String getDescription() {
            return build().description;
        }

        @Permitted
        public void setDescription(String description) {
            build().description = description;
        }

        @Permitted
        public String getDisplayName() {
            return build().displayName;
        }

        @Permitted
        public void setDisplayName(String displayName) {
            build().displayName = displayName;
        }

        @Permitted
        public int getNumber() {
            return Build.NUMBER;
        }

        @Permitted
        public String getId() {
            return String.valueOf(Build.NUMBER);
        }

        @Permitted
        public String getProjectName() {
            return Machine.current().environment().get("JOB_BASE_NAME");
        }

        @Permitted
        public String getFullDisplayName() {
            return Machine.current().environment().get("JOB_NAME") + " " + getDisplayName();
        }

        @Permitted
        public String getAbsoluteUrl() {
            return Machine.current().environment().get("BUILD_URL");
        }

        @Permitted
        public long getStartTimeInMillis() {
            return Machine.current().clock().started();
        }

        @Permitted
        public long getTimeInMillis() {
            return Machine.current().clock().started();
        }

        @Permitted
        public long getDuration() {
            return Machine.current().clock().now() - Machine.current().clock().started();
        }

        /** Not permitted: the sandbox has to refuse it by name. */
        public Object getRawBuild() {
            throw new UnsupportedOperationException("getRawBuild");
        }
    }

    /** `scm`: what the job's definition was checked out from. */
    static final class Scm implements Serializable {
        private static final long serialVersionUID = 1L;

        @Override
        public String toString() {
            return "scm";
        }
    }
}
