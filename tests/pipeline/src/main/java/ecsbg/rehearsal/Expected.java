package ecsbg.rehearsal;

import java.util.ArrayList;
import java.util.List;

/** What should come of a scenario, held against what came. */
final class Expected {
    /** @param held null: no expectation, but worth knowing */
    record Line(Boolean held, String words) {
        @Override
        public String toString() {
            return (held == null ? "! " : held ? "✓ " : "✗ ") + words;
        }
    }

    private final List<Line> lines = new ArrayList<>();
    private final Scenario scenario;
    private final Seen seen;

    private Expected(Scenario scenario, Seen seen) {
        this.scenario = scenario;
        this.seen = seen;
    }

    /** @param rejected whether whoever was asked has said no */
    static List<Line> of(Scenario scenario, Seen seen, boolean rejected) {
        Expected e = new Expected(scenario, seen);
        switch (scenario.kind()) {
            case GOOD, THROTTLED -> {
                if (rejected) e.undone(false);
                else e.promoted();
                e.noneFailed();
            }
            case UNHEALTHY -> {
                e.undone(false);
                e.noneFailed();
            }
            case ERRORS -> e.ill(seen.errorsJudged(), "errors");
            case SLOW -> {
                e.ill(seen.latencyJudged(), "latency");
                e.noneFailed();
            }
            case ABORT, AGENT_LOST -> e.interrupted();
        }
        e.settled();
        return e.lines;
    }

    private void expect(boolean held, String words) {
        lines.add(new Line(held, words));
    }

    private void promoted() {
        expect(seen.build().equals("SUCCESS"), "the build ended " + seen.build());
        expect(seen.live() == Seen.Live.NEW, seen.live().words + " is live" + report());
    }

    /** @param mayMove whether some live traffic may have been on the new version for a while */
    private void undone(boolean mayMove) {
        expect(!seen.build().equals("SUCCESS"), "the build ended " + seen.build());
        expect(seen.live() == Seen.Live.OLD, seen.live().words + " is live" + report());
        if (!mayMove) expect(!seen.moved(), seen.moved() ? "live traffic was moved" : "live traffic was never moved");
    }

    private String report() {
        return seen.outcome() == null ? "" : "; its report says " + seen.outcome();
    }

    private void noneFailed() {
        expect(seen.requests().failed() == 0, seen.requests().failed() + " of " + seen.requests().sent() + " requests failed");
    }

    /** A version that answers, and not as it should: only something of the team's own can tell. */
    private void ill(boolean judged, String gate) {
        if (seen.live() == Seen.Live.OLD) {
            undone(true);
            lines.add(new Line(null, seen.moved() ? "stopped after " + seen.requests().failed() + " failed requests" : "stopped before it had live traffic"));
        } else if (judged) {
            expect(false, "the gate on " + gate + " let it pass: " + seen.live().words + " is live" + report());
        } else {
            promoted();
            lines.add(new Line(null, "nothing here would have stopped it: no gate judges " + gate + ", " + seen.requests().failed() + " requests failed"));
        }
        int beside = seen.requests().failedBeside();
        expect(beside == 0, beside == 0 ? "whatever failed was an answer of the new version itself" : beside + " requests failed otherwise than by an answer of the new version");
    }

    private void interrupted() {
        expect(seen.happened(), seen.happened() ? scenario + " happened" : "no step " + scenario.step() + " came: it did not happen");
        if (!seen.happened()) return;
        if (seen.promoting()) expect(seen.live() == Seen.Live.NEW, "in the cleanup nothing is undone: " + seen.live().words + " is live" + report());
        else undone(true);
        noneFailed();
    }

    /** Whatever happened: the next deployment can start. */
    private void settled() {
        boolean well = "settled".equals(seen.state());
        expect(well, well ? "the next deployment can start" : "no other deployment can start: the service is " + seen.state());
        if (scenario.kind() != Scenario.Kind.ABORT && scenario.kind() != Scenario.Kind.AGENT_LOST && seen.sets() != 1) {
            lines.add(new Line(null, seen.sets() + " task sets are left"));
        }
    }
}
