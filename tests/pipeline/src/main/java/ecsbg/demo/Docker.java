package ecsbg.demo;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What takes docker's place on an agent, as there is no registry: tests/pipeline/demo/docker. */
public final class Docker {
    /** Where there is an engine: the real one, which builds. */
    static final String REAL = "DEMO_DOCKER";

    private Docker() {}

    /** The variables that it reads. @param log the file in which it notes its calls */
    public static Map<String, String> variables(Path log) throws IOException, InterruptedException {
        Map<String, String> variables = new LinkedHashMap<>(Map.of("DEMO_DOCKER_LOG", log.toString()));
        Process process = new ProcessBuilder(List.of("sh", "-c", "docker version >/dev/null 2>&1 && command -v docker")).start();
        String real = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (process.waitFor() == 0) variables.put(REAL, real);
        return variables;
    }
}
