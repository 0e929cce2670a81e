package org.jenkinsci.plugins.workflow.steps;

/** A step that needs a workspace was called outside `node`. */
public final class MissingContextVariableException extends Exception {
    private static final long serialVersionUID = 1L;

    public MissingContextVariableException(String type) {
        super("Required context class " + type + " is missing\n"
            + "Perhaps you forgot to surround the code with a step that provides this, such as: node");
    }
}
