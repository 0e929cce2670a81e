package ecsbg.pipeline;

import hudson.AbortException;
import hudson.model.Result;
import java.io.PrintWriter;
import java.io.StringWriter;
import jenkins.model.CauseOfInterruption;
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException;

/** How Jenkins tells of exceptions and of spans of time. */
final class Errors {
    private static final int FRAMES = 25;

    private Errors() {}

    static Result result(Throwable t) {
        return t instanceof FlowInterruptedException f ? f.getResult() : Result.FAILURE;
    }

    static String brief(Throwable t) {
        if (t instanceof AbortException) return "ERROR: " + t.getMessage();
        if (t instanceof FlowInterruptedException f) return "interrupted: " + causes(f);
        return t.toString();
    }

    /** For the log: no stack trace for what a person is meant to read. */
    static String describe(Throwable t) {
        if (t instanceof AbortException) return "ERROR: " + t.getMessage();
        if (t instanceof FlowInterruptedException f) return causes(f);
        if (t instanceof UnsavableException) return t.getMessage();
        StringWriter w = new StringWriter();
        t.printStackTrace(new PrintWriter(w));
        String[] lines = w.toString().stripTrailing().split("\n");
        StringBuilder b = new StringBuilder();
        for (int i = 0; i < Math.min(lines.length, FRAMES); i++) b.append(i == 0 ? "" : "\n").append(lines[i]);
        return b.toString();
    }

    static String causes(FlowInterruptedException f) {
        StringBuilder b = new StringBuilder();
        for (CauseOfInterruption c : f.getCauses()) b.append(b.isEmpty() ? "" : ", ").append(c.getShortDescription());
        return b.toString();
    }

    static String span(long millis) {
        long s = millis / 1000;
        if (s < 1) return millis + " ms";
        if (s < 60) return s + " sec";
        if (s < 3600) return s / 60 + " min " + s % 60 + " sec";
        if (s < 86400) return s / 3600 + " hr " + s % 3600 / 60 + " min";
        return s / 86400 + " days " + s % 86400 / 3600 + " hr";
    }
}
