package ecsbg.pipeline;

import com.cloudbees.groovy.cps.Continuable;
import com.cloudbees.groovy.cps.Outcome;
import java.io.Serializable;
import java.util.LinkedHashMap;

/** One line of execution: the script itself, or the body of a block step. Part of the saved program. */
final class VmThread implements Serializable {
    private static final long serialVersionUID = 1L;
    final int id;
    /** The line whose step runs this body; 0 for the script itself. */
    final int parent;
    final Continuable code;
    final Frame frame;
    /** What to go on with; null while a step is under way. */
    Outcome resume;
    /** The step under way. */
    StepCall pending;
    /** How the branches of a `parallel` under way ended, as far as they have. */
    LinkedHashMap<String, Outcome> branches;

    VmThread(int id, int parent, Continuable code, Frame frame, Outcome resume) {
        this.id = id;
        this.parent = parent;
        this.code = code;
        this.frame = frame;
        this.resume = resume;
    }
}
