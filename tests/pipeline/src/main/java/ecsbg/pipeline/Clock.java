package ecsbg.pipeline;

import java.util.PriorityQueue;

/** Real time plus what was wound on. Timers are due by it. Used by the machine's thread alone. */
final class Clock {
    private final PriorityQueue<Timer> timers = new PriorityQueue<>((a, b) -> a.due != b.due ? Long.compare(a.due, b.due) : Long.compare(a.order, b.order));
    private final long started = System.currentTimeMillis();
    private long offset;
    private long order;

    /** Something to do later, unless cancelled. */
    static final class Timer {
        final long due;
        final long order;
        final String what;
        final Runnable action;

        Timer(long due, long order, String what, Runnable action) {
            this.due = due;
            this.order = order;
            this.what = what;
            this.action = action;
        }
    }

    long now() {
        return System.currentTimeMillis() + offset;
    }

    long started() {
        return started;
    }

    Timer in(long millis, String what, Runnable action) {
        Timer t = new Timer(now() + Math.max(0, millis), order++, what, action);
        timers.add(t);
        return t;
    }

    void cancel(Timer t) {
        if (t != null) timers.remove(t);
    }

    boolean isPending(Timer t) {
        return timers.contains(t);
    }

    Timer next() {
        return timers.peek();
    }

    /** The timer that is due, taken out, or null. */
    Timer takeDue() {
        Timer t = timers.peek();
        return t != null && t.due <= now() ? timers.poll() : null;
    }

    /** Winds on to that instant. Returns by how many milliseconds. */
    long windTo(long instant) {
        long by = Math.max(0, instant - now());
        offset += by;
        return by;
    }
}
