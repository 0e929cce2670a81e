package ecsbg.aws;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Requests at a steady rate until it is closed: the load generator of the stand-in, as a process of its own; see tests/aws/README.md. */
public final class Load implements AutoCloseable {
    private final Process process;
    /** What came back, once it is closed; `ecs-bg report --seen` reads it. */
    public final Path result;

    private Load(Process process, Path result) {
        this.process = process;
        this.result = result;
    }

    /** @param tests the directory tests/aws of this checkout, set up @param rate requests a second, at the URLs in turn @param result the file to write */
    public static Load at(Path tests, List<String> urls, int rate, Path result) {
        List<String> command = new ArrayList<>(List.of(tests.resolve(".venv/bin/python").toString(), "-m", "standin.load"));
        command.addAll(urls);
        command.addAll(List.of("--rate", String.valueOf(rate), "--seconds", "0", "--json", result.toString()));
        ProcessBuilder b = new ProcessBuilder(command)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD).redirectError(ProcessBuilder.Redirect.INHERIT);
        b.environment().put("PYTHONPATH", tests.toString());
        try {
            return new Load(b.start(), result);
        } catch (IOException x) {
            throw new UncheckedIOException(x);
        }
    }

    /** Waits for the answers that are still to come. */
    @Override
    public void close() {
        process.destroy();
        try {
            process.waitFor();
        } catch (InterruptedException x) {
            Thread.currentThread().interrupt();
        }
    }

    /** Once it is closed: `requests`, `failed`, `statuses`, `versions`, `milliseconds`, and all that `bySecond` since `began`. */
    public Map<String, Object> read() {
        try {
            return Json.read(Files.readString(result));
        } catch (IOException x) {
            throw new UncheckedIOException("the load generator left no result", x);
        }
    }
}
