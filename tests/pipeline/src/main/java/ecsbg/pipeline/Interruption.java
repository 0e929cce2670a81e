package ecsbg.pipeline;

import java.nio.file.Path;

/** Something that happens to a run at one of its steps, counted from 1 in the order of their starts. */
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

    final int step;
    final Kind kind;
    final Form form;
    Path marker;
    long delay = 50;
    volatile long at;

    private Interruption(int step, Kind kind, Form form) {
        this.step = step;
        this.kind = kind;
        this.form = form;
    }

    public static Interruption abort(int step, Form form) {
        return new Interruption(step, Kind.ABORT, form);
    }

    public static Interruption deadline(int step, Form form) {
        return new Interruption(step, Kind.DEADLINE, form);
    }

    public static Interruption agentLost(int step, Form form) {
        return new Interruption(step, Kind.AGENT_LOST, form);
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

    @Override
    public String toString() {
        return kind + " " + form + " step " + step;
    }
}
