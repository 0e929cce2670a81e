package ecsbg.aws;

import groovy.json.JsonOutput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The program ecs-bg. */
public record Program(Path binary) {
    /** What it answered, and what it told people. */
    public record Said(Map<String, Object> json, List<String> lines) {
        public boolean ok() {
            return Boolean.TRUE.equals(json.get("ok"));
        }

        public String error() {
            return Json.text(json, "error.code") + ": " + Json.text(json, "error.message");
        }
    }

    /** As a step of the pipeline calls it: with parameters as JSON. */
    public Said act(String action, Map<String, Object> parameters, Path dir, Map<String, ?> environment) throws IOException, InterruptedException {
        return run(dir, Json.merged(environment, Map.of("ECS_BG_PARAMS", JsonOutput.toJson(parameters))), action);
    }

    public Said run(Path dir, Map<String, ?> environment, String... arguments) throws IOException, InterruptedException {
        Path told = Files.createTempFile("ecs-bg", ".log");
        try {
            ProcessBuilder b = new ProcessBuilder(Stream.concat(Stream.of(binary.toString(), "--exit-zero"), Stream.of(arguments)).toList());
            b.directory(dir.toFile()).redirectError(told.toFile());
            b.environment().clear();
            environment.forEach((name, value) -> b.environment().put(name, String.valueOf(value)));
            Process process = b.start();
            String json = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) throw new IllegalStateException("ecs-bg " + arguments[0] + " ended with " + process.exitValue() + ": " + Files.readString(told));
            return new Said(Json.read(json), Files.readAllLines(told));
        } finally {
            Files.delete(told);
        }
    }
}
