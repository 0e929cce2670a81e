package ecsbg.pipeline;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the enclosing blocks gave to a piece of the program: environment, executor, directory, stage. Immutable. */
final class Frame implements Serializable {
    private static final long serialVersionUID = 1L;
    static final Frame ROOT = new Frame(Map.of(), null, null, List.of(), null);

    final Map<String, String> env;
    /** Id of the executor that `node` took, or null outside. */
    final Integer executor;
    final String dir;
    final List<String> stages;
    final String branch;

    private Frame(Map<String, String> env, Integer executor, String dir, List<String> stages, String branch) {
        this.env = env;
        this.executor = executor;
        this.dir = dir;
        this.stages = stages;
        this.branch = branch;
    }

    /** `NAME=value` pairs; `PATH+X=/dir` puts /dir in front of PATH, as in Jenkins. */
    Frame withEnv(Map<String, String> more, Map<String, String> seen) {
        Map<String, String> merged = new LinkedHashMap<>(env);
        more.forEach((k, v) -> {
            int plus = k.indexOf('+');
            if (plus > 0) {
                String name = k.substring(0, plus);
                String old = merged.getOrDefault(name, seen.get(name));
                merged.put(name, old == null ? v : v + ":" + old);
            } else {
                merged.put(k, v);
            }
        });
        return new Frame(merged, executor, dir, stages, branch);
    }

    Frame inNode(int executorId, String workspace, Map<String, String> nodeEnv) {
        Map<String, String> merged = new LinkedHashMap<>(nodeEnv);
        merged.putAll(env);
        return new Frame(merged, executorId, workspace, stages, branch);
    }

    Frame inDir(String path) {
        return new Frame(env, executor, path, stages, branch);
    }

    Frame inStage(String name) {
        List<String> longer = new ArrayList<>(stages);
        longer.add(name);
        Map<String, String> merged = new LinkedHashMap<>(env);
        merged.put("STAGE_NAME", name);
        return new Frame(merged, executor, dir, longer, branch);
    }

    Frame inBranch(String name) {
        return new Frame(env, executor, dir, stages, name);
    }
}
