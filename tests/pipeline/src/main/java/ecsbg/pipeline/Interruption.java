package ecsbg.pipeline;

import java.nio.file.Path;
import java.util.function.Predicate;

/** Something that happens to a run at one of its steps: the first that is meant. Numbers count from 1 in the order of their starts. */
public final class Interruption {
    /** What happens. */
    public enum Kind {
        /** A person stops the build. */
        ABORT,
        /** The outermost enclosing `timeout` expires; a second one ends its grace of 60 seconds. */
        DEADLINE,
        /** The agent whose executor the step holds is gone, with its processes and its workspace. */
        AGENT_LOST
    }

    /** When, seen from the step. A step that cannot be met while it runs (`echo`) is met after its end instead. */
    public enum Form { BEFORE, DURING, AFTER }

    private final String what;
    final Predicate<Run.Step> step;
    final Kind kind;
    final Form form;
    Path marker;
    long delay = 50;
    volatile long at;

    private Interruption(String what, Predicate<Run.Step> step, Kind kind, Form form) {
        this.what = what;
        this.step = step;
        this.kind = kind;
        this.form = form;
    }

    /** @param what the step, in words */
    public static Interruption at(String what, Predicate<Run.Step> step, Kind kind, Form form) {
        return new Interruption(what, step, kind, form);
    }

    private static Interruption at(int step, Kind kind, Form form) {
        return at("step " + step, s -> s.number == step, kind, form);
    }

    public static Interruption abort(int step, Form form) {
        return at(step, Kind.ABORT, form);
    }

    public static Interruption deadline(int step, Form form) {
        return at(step, Kind.DEADLINE, form);
    }

    public static Interruption agentLost(int step, Form form) {
        return at(step, Kind.AGENT_LOST, form);
    }

    /**
     * DURING a `sh`: once this file exists. FILE.go is made afterwards, so that what touched the file, and waits for that one, goes on only
     * when the signal is on its way.
     */
    public Interruption when(Path file) {
        this.marker = file;
        return this;
    }

    /** DURING a `sh`: so many milliseconds after its start, by the wall's clock. Default 50. */
    public Interruption after(long millis) {
        this.delay = millis;
        return this;
    }

    public boolean happened() {
        return at > 0;
    }

    /** When it did, by the wall's clock, since the epoch. */
    public long at() {
        return at;
    }

    public boolean hasHappened() {
        return at != 0;
    }

    @Override
    public String toString() {
        return kind + " " + form + " " + what;
    }
}
