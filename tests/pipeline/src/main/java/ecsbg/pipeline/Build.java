package ecsbg.pipeline;

import hudson.model.Result;
import java.io.Serializable;
import java.util.TreeMap;

/** The build's own record. */
final class Build implements Serializable {
    private static final long serialVersionUID = 1L;
    static final int NUMBER = 7;
    Result result;
    String description;
    String displayName = "#" + NUMBER;
    /** What scripts set by `env.NAME = value`. */
    final TreeMap<String, String> environment = new TreeMap<>();

    void worsen(Result r) {
        result = Result.combine(result, r);
    }
}
