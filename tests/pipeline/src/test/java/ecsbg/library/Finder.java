package ecsbg.library;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import ecsbg.aws.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** An agent, and a server that has the program: what a test of resources/find-ecs-bg.sh needs. It is run as it is, by this machine's shells. */
abstract class Finder {
    static final String NAME = "ecs-bg-linux-" + System.getProperty("os.arch").replace("amd64", "x86_64");
    static final String PROGRAM = "#!/bin/sh\n[ \"$1\" != --version ] || { echo 'ecs-bg 0.1.0'; exit; }\necho \"RAN $0\"\n";
    static final byte[] PACKED = packed(PROGRAM.getBytes(StandardCharsets.UTF_8));
    static final String COPY = "ecs-bg-0.1.0-" + sum(PROGRAM);
    static final List<String> TOOLS = List.of("sh", "sed", "tr", "cut", "ls", "id", "uname", "mkdir", "chmod", "mv", "rm", "gzip", "sha256sum");

    @TempDir Path tmp;
    final Map<String, String> env = new LinkedHashMap<>();
    final AtomicInteger asked = new AtomicInteger();
    final List<Path> mounted = new ArrayList<>();
    final ExecutorService threads = Executors.newCachedThreadPool();
    volatile HttpHandler answers = all(PACKED);
    HttpServer server;
    Path cache;
    Path temporary;
    /** Where a copy lies that all jobs of the user cannot share. */
    Path ofTheJob;

    record Answer(int exit, String out, String err) {
        /** What was tried, of one that found nothing. */
        String tried() {
            assertEquals(0, exit, toString());
            Map<String, Object> missing = Json.read(out);
            assertEquals(NAME, missing.get("missing"), toString());
            return missing.get("tried").toString();
        }
    }

    @BeforeEach
    void agent() throws IOException {
        cache = Files.createDirectories(tmp.resolve("home")).resolve(".cache/ecs-bg");
        temporary = tmp.resolve("ws@tmp");
        ofTheJob = temporary.resolve("ecs-bg-" + Files.getAttribute(tmp, "unix:uid"));
        server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.setExecutor(threads);
        server.createContext("/", e -> {
            asked.incrementAndGet();
            answers.handle(e);
        });
        server.start();
        env.putAll(Map.of("HOME", tmp + "/home", "TMPDIR", tmp + "/T", "PATH", "/usr/bin:/bin", "ECS_BG_NEEDS", "0.1.0", "ECS_BG_ACTION", "status",
            "ECS_BG_CHECKSUMS", sum("") + "  other\n" + sum(PROGRAM) + " *" + NAME + "\n",
            "ECS_BG_URL", "http://u:S3CRET@127.0.0.1:" + server.getAddress().getPort() + "/{system}-{processor}.gz?t=S3CRET"));
    }

    @AfterEach
    void end() throws Exception {
        server.stop(0);
        threads.shutdownNow();
        for (Path place : mounted) assertEquals(0, new ProcessBuilder("umount", place.toString()).start().waitFor());
        try (Stream<Path> files = Files.walk(tmp)) {
            for (Path link : files.filter(Files::isSymbolicLink).toList()) Files.delete(link);   // JUnit would warn of each
        }
    }

    static String sum(String content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content.getBytes(StandardCharsets.UTF_8)));
        } catch (java.security.NoSuchAlgorithmException x) {
            throw new IllegalStateException(x);
        }
    }

    static byte[] packed(byte[] content) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gz = new GZIPOutputStream(bytes)) {
            gz.write(content);
        } catch (IOException x) {
            throw new IllegalStateException(x);
        }
        return bytes.toByteArray();
    }

    static HttpHandler all(byte[] body) {
        return e -> respond(e, 200, body, body.length);
    }

    static void respond(HttpExchange e, int status, byte[] body, long promised) throws IOException {
        e.sendResponseHeaders(status, promised == 0 ? -1 : promised);
        e.getResponseBody().write(body);
        e.close();
    }

    // ---- Running it ----

    Process start(String id, String... shell) throws IOException {
        List<String> command = new ArrayList<>(List.of("/usr/bin/setsid"));
        command.addAll(List.of(shell));
        command.add(World.RESOURCES.resolve("find-ecs-bg.sh").toString());
        ProcessBuilder b = new ProcessBuilder(command).directory(tmp.toFile());
        b.redirectOutput(tmp.resolve(id + ".out").toFile()).redirectError(tmp.resolve(id + ".err").toFile());
        b.environment().clear();
        b.environment().putAll(env);
        b.environment().put("ECS_BG_PACKED", temporary + "/ecs-bg-" + id + ".gz");
        return b.start();
    }

    Answer run(String... shell) throws Exception {
        String id = UUID.randomUUID().toString();
        Process process = start(id, shell);
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), "it hangs");
        Answer answer = new Answer(process.exitValue(), Files.readString(tmp.resolve(id + ".out")), Files.readString(tmp.resolve(id + ".err")));
        assertFalse((answer.out + answer.err).contains("S3CRET"), answer.toString());
        return answer;
    }

    Answer run() throws Exception {
        return run("/bin/sh");
    }

    final void took(Path from, Answer answer) {
        assertEquals("RAN " + from.resolve(COPY), answer.out.strip(), answer.toString());
    }

    /** Files of ours, other than copies that are in their place, in the places of this test. */
    List<Path> leftovers() throws IOException {
        try (Stream<Path> files = Files.walk(tmp)) {
            return files.filter(f -> f.getFileName().toString().startsWith("ecs-bg-") && Files.isRegularFile(f) && !f.endsWith(COPY)).toList();
        }
    }

    // ---- Preparing the agent ----

    Path write(Path file, String content, String mode) throws IOException {
        if (!Files.exists(file.getParent())) Files.createDirectories(file.getParent(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Files.writeString(file, content);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    }

    static void somebodyElses(Path file) throws IOException {
        assumeTrue(System.getProperty("user.name").equals("root"), "only root gives a file away");
        Files.setAttribute(file, "unix:uid", 65534, LinkOption.NOFOLLOW_LINKS);
    }

    void mount(Path place, String options) throws Exception {
        Files.createDirectories(place);
        assumeTrue(new ProcessBuilder("mount", "-t", "tmpfs", "-o", options, "tmpfs", place.toString()).start().waitFor() == 0, "file systems cannot be mounted here");
        mounted.add(place);
    }

    /** A PATH with these tools alone. */
    void tools(String... more) throws IOException {
        Path bin = Files.createTempDirectory(tmp, "bin");
        for (String tool : Stream.concat(TOOLS.stream(), Stream.of(more)).toList()) {
            Path real = found(tool);
            assumeTrue(real != null, tool + " is not here");
            Files.createSymbolicLink(bin.resolve(tool), real);
        }
        env.put("PATH", bin.toString());
    }

    static Path found(String tool) {
        return Stream.of(System.getenv("PATH").split(":")).map(d -> Path.of(d, tool)).filter(Files::isExecutable).findFirst().orElse(null);
    }
}
