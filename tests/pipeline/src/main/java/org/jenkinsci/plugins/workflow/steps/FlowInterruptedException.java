package org.jenkinsci.plugins.workflow.steps;

import hudson.model.Result;
import java.util.Arrays;
import java.util.List;
import jenkins.model.CauseOfInterruption;

/** How an abort, an expired timeout or a rejected input arrives in a step. Has Jenkins' name because scripts catch it by that. */
public final class FlowInterruptedException extends InterruptedException {
    private static final long serialVersionUID = 1L;
    private final Result result;
    private final CauseOfInterruption[] causes;
    private final boolean actualInterruption;

    public FlowInterruptedException(Result result, CauseOfInterruption... causes) {
        this(result, true, causes);
    }

    /** @param actualInterruption false where nobody asked for the end of the build, as when an agent is lost */
    public FlowInterruptedException(Result result, boolean actualInterruption, CauseOfInterruption... causes) {
        this.result = result;
        this.actualInterruption = actualInterruption;
        this.causes = causes;
    }

    public Result getResult() {
        return result;
    }

    public boolean isActualInterruption() {
        return actualInterruption;
    }

    public List<CauseOfInterruption> getCauses() {
        return Arrays.asList(causes);
    }
}
