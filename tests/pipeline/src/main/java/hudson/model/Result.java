package hudson.model;

import java.io.Serializable;
import java.util.Locale;

/** Result of a build. Ordered: a build's result only gets worse. */
public final class Result implements Serializable {
    private static final long serialVersionUID = 1L;
    public static final Result SUCCESS = new Result("SUCCESS", 0);
    public static final Result UNSTABLE = new Result("UNSTABLE", 1);
    public static final Result FAILURE = new Result("FAILURE", 2);
    public static final Result NOT_BUILT = new Result("NOT_BUILT", 3);
    public static final Result ABORTED = new Result("ABORTED", 4);
    private static final Result[] ALL = {SUCCESS, UNSTABLE, FAILURE, NOT_BUILT, ABORTED};

    private final String name;
    private final int ordinal;

    private Result(String name, int ordinal) {
        this.name = name;
        this.ordinal = ordinal;
    }

    public static Result fromString(String s) {
        for (Result r : ALL) {
            if (r.name.equals(s.toUpperCase(Locale.ENGLISH))) return r;
        }
        return FAILURE;
    }

    public boolean isWorseThan(Result that) {
        return ordinal > that.ordinal;
    }

    public boolean isWorseOrEqualTo(Result that) {
        return ordinal >= that.ordinal;
    }

    public boolean isBetterThan(Result that) {
        return ordinal < that.ordinal;
    }

    public boolean isBetterOrEqualTo(Result that) {
        return ordinal <= that.ordinal;
    }

    /** The worse of the two; null is "none yet". */
    public static Result combine(Result a, Result b) {
        if (a == null) return b;
        if (b == null) return a;
        return a.isWorseThan(b) ? a : b;
    }

    @Override
    public String toString() {
        return name;
    }

    private Object readResolve() {
        return fromString(name);
    }
}
