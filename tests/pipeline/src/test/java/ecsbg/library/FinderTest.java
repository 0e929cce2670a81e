package ecsbg.library;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
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
import java.util.Arrays;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** resources/find-ecs-bg.sh by the shells and tools of this machine: where a copy may lie, how it comes there, and what is never run. */
@Execution(ExecutionMode.CONCURRENT)
class FinderTest {
    private static final String NAME = "ecs-bg-linux-" + System.getProperty("os.arch").replace("amd64", "x86_64");
    private static final String PROGRAM = "#!/bin/sh\n[ \"$1\" != --version ] || { echo 'ecs-bg 0.1.0'; exit; }\necho \"RAN $0\"\n";
    private static final byte[] PACKED = packed(PROGRAM.getBytes(StandardCharsets.UTF_8));
    private static final String COPY = "ecs-bg-0.1.0-" + sum(PROGRAM);
    private static final List<String> TOOLS = List.of("sh", "sed", "tr", "cut", "ls", "id", "uname", "mkdir", "chmod", "mv", "rm", "gzip", "sha256sum");

    @TempDir Path tmp;
    private final Map<String, String> env = new LinkedHashMap<>();
    private final AtomicInteger asked = new AtomicInteger();
    private final List<Path> mounted = new ArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private volatile HttpHandler answers = all(PACKED);
    private HttpServer server;
    private Path cache;
    private Path temporary;

    private record Answer(int exit, String out, String err) {
        /** What was tried, of one that found nothing. */
        String tried() {
            assertEquals(0, exit, toString());
            Map<String, Object> missing = World.json(out);
            assertEquals(NAME, missing.get("missing"), toString());
            return missing.get("tried").toString();
        }
    }

    @BeforeEach
    void agent() throws IOException {
        cache = Files.createDirectories(tmp.resolve("home")).resolve(".cache/ecs-bg");
        temporary = tmp.resolve("ws@tmp");
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

    private static String sum(String content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content.getBytes(StandardCharsets.UTF_8)));
        } catch (java.security.NoSuchAlgorithmException x) {
            throw new IllegalStateException(x);
        }
    }

    private static byte[] packed(byte[] content) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gz = new GZIPOutputStream(bytes)) {
            gz.write(content);
        } catch (IOException x) {
            throw new IllegalStateException(x);
        }
        return bytes.toByteArray();
    }

    private static HttpHandler all(byte[] body) {
        return e -> respond(e, 200, body, body.length);
    }

    private static void respond(HttpExchange e, int status, byte[] body, long promised) throws IOException {
        e.sendResponseHeaders(status, promised == 0 ? -1 : promised);
        e.getResponseBody().write(body);
        e.close();
    }

    // ---- Running it ----

    private Process start(String id, String... shell) throws IOException {
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

    private Answer run(String... shell) throws Exception {
        String id = UUID.randomUUID().toString();
        Process process = start(id, shell);
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), "it hangs");
        Answer answer = new Answer(process.exitValue(), Files.readString(tmp.resolve(id + ".out")), Files.readString(tmp.resolve(id + ".err")));
        assertFalse((answer.out + answer.err).contains("S3CRET"), answer.toString());
        return answer;
    }

    private Answer run() throws Exception {
        return run("/bin/sh");
    }

    private void took(Path from, Answer answer) {
        assertEquals("RAN " + from.resolve(COPY), answer.out.strip(), answer.toString());
    }

    /** Files of ours, other than copies that are in their place, in the places of this test. */
    private List<Path> leftovers() throws IOException {
        try (Stream<Path> files = Files.walk(tmp)) {
            return files.filter(f -> f.getFileName().toString().startsWith("ecs-bg-") && Files.isRegularFile(f) && !f.endsWith(COPY)).toList();
        }
    }

    // ---- Preparing the agent ----

    private Path write(Path file, String content, String mode) throws IOException {
        if (!Files.exists(file.getParent())) Files.createDirectories(file.getParent(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Files.writeString(file, content);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    }

    private static void somebodyElses(Path file) throws IOException {
        assumeTrue(System.getProperty("user.name").equals("root"), "only root gives a file away");
        Files.setAttribute(file, "unix:uid", 65534, LinkOption.NOFOLLOW_LINKS);
    }

    private void mount(Path place, String options) throws Exception {
        Files.createDirectories(place);
        assumeTrue(new ProcessBuilder("mount", "-t", "tmpfs", "-o", options, "tmpfs", place.toString()).start().waitFor() == 0, "file systems cannot be mounted here");
        mounted.add(place);
    }

    /** A PATH with these tools alone. */
    private void tools(String... more) throws IOException {
        Path bin = Files.createTempDirectory(tmp, "bin");
        for (String tool : Stream.concat(TOOLS.stream(), Stream.of(more)).toList()) {
            Path real = found(tool);
            assumeTrue(real != null, tool + " is not here");
            Files.createSymbolicLink(bin.resolve(tool), real);
        }
        env.put("PATH", bin.toString());
    }

    private static Path found(String tool) {
        return Stream.of(System.getenv("PATH").split(":")).map(d -> Path.of(d, tool)).filter(Files::isExecutable).findFirst().orElse(null);
    }

    /** The shells of this machine; busybox with its own tools. */
    static Stream<Arguments> shells() {
        return Stream.of(List.of("dash"), List.of("bash", "--posix"), List.of("busybox", "sh"), List.of("mksh"), List.of("ksh"), List.of("yash"))
            .filter(s -> found(s.get(0)) != null)
            .flatMap(s -> Stream.of("curl", "wget").map(by -> Arguments.of(s, by)));
    }

    @ParameterizedTest
    @MethodSource("shells")
    void whatIsFetchedIsKeptForThisUserAlone(List<String> shell, String by) throws Exception {
        String[] command = Stream.concat(Stream.of(found(shell.get(0)).toString()), shell.stream().skip(1)).toArray(String[]::new);
        if (shell.get(0).equals("busybox")) {
            Path applets = Files.createDirectories(tmp.resolve("applets"));
            assertEquals(0, new ProcessBuilder(command[0], "--install", "-s", applets.toString()).start().waitFor());
            if (by.equals("curl")) Files.createSymbolicLink(applets.resolve("curl"), found("curl"));
            env.put("PATH", applets.toString());
        } else {
            tools(by);
        }
        for (int time = 0; time < 2; time++) took(cache, run(command));
        assertEquals(1, asked.get());
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(cache)));
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(cache.resolve(COPY))));
        answers = e -> respond(e, 404, new byte[0], 0);
        Files.delete(cache.resolve(COPY));
        String tried = run(command).tried();
        assertTrue(tried.contains("http://127.0.0.1:" + server.getAddress().getPort() + "/linux-") && tried.contains(".gz?... was not to be had: ") && tried.contains("404"), tried);
        Files.write(Files.createDirectories(temporary).resolve("ecs-bg-x.gz"), PACKED);   // as the library's own comes
        env.remove("ECS_BG_URL");
        env.put("ECS_BG_HELPER", "/nowhere");
        Process second = start("x", command);
        assertTrue(second.waitFor(60, TimeUnit.SECONDS));
        took(cache, new Answer(0, Files.readString(tmp.resolve("x.out")), Files.readString(tmp.resolve("x.err"))));
        assertEquals("", Files.readString(tmp.resolve("x.err")), "what did not fit the first time is not told again");
        assertEquals(List.of(), leftovers());
    }

    // ---- What comes ----

    static Stream<Arguments> downloads() {
        byte[] half = Arrays.copyOf(PACKED, PACKED.length / 2);
        byte[] page = "<html>Please log in</html>".getBytes(StandardCharsets.UTF_8);
        String other = "what came is not what the checksum in the library is of";
        return Stream.of(
            Arguments.of("not there", (HttpHandler) e -> respond(e, 404, page, page.length), "404"),
            Arguments.of("not for us", (HttpHandler) e -> respond(e, 403, page, page.length), "403"),
            Arguments.of("a page", all(page), "gzip"),
            Arguments.of("nothing", (HttpHandler) e -> respond(e, 200, new byte[0], 0), "gzip"),
            Arguments.of("cut off, and the server says so", (HttpHandler) e -> respond(e, 200, half, PACKED.length), ""),
            Arguments.of("cut off before", all(half), "unexpected end of file"),
            Arguments.of("tampered with", all(packed((PROGRAM + "# x").getBytes(StandardCharsets.UTF_8))), other),
            Arguments.of("not compressed", all(PROGRAM.getBytes(StandardCharsets.UTF_8)), "not in gzip format"),
            Arguments.of("more than a disk takes", all(packed(new byte[200 << 20])), "cannot take it"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("downloads")
    void aDownloadThatIsNotTheProgramIsNeverRunAndLeavesNothing(String what, HttpHandler handler, String words) throws Exception {
        answers = what.startsWith("cut off, and") ? e -> {
            try {
                handler.handle(e);
            } catch (IOException cut) {
                e.close();
            }
        } : handler;
        for (String by : List.of("curl", "wget")) {
            tools(by);
            // within reach of this test alone
            env.put("TMPDIR", "relative");
            Answer answer = run();
            String tried = answer.tried();
            assertTrue(tried.contains(words), by + ": " + tried);
            assertTrue(tried.contains(cache + " cannot take it: ") || tried.contains("was not to be had: "), tried);
            assertEquals(List.of(), leftovers(), by);
            assertFalse(Files.exists(cache.resolve(COPY)));
        }
    }

    @Test
    void whatPassesIsAskedAgainByCurl() throws Exception {
        tools("curl");
        answers = e -> {
            if (asked.get() == 1) respond(e, 503, new byte[0], 0);
            else respond(e, 200, PACKED, PACKED.length);
        };
        took(cache, run());
    }

    @Test
    void curlFollowsNoRedirectOutOfHttps() throws Exception {
        tools("curl");
        answers = e -> {
            e.getResponseHeaders().add("Location", "http://127.0.0.1:" + server.getAddress().getPort() + "/elsewhere");
            respond(e, 302, new byte[0], 0);
        };
        assertTrue(run().tried().contains("curl: (1) Protocol 'http' "), "refused by curl");
        assertEquals(1, asked.get());
    }

    @Test
    void withoutCurlAndWgetThatIsSaid() throws Exception {
        tools();
        assertTrue(run().tried().contains("was not to be had: neither curl nor wget is here"));
    }

    @Test
    void manyJobsAtOnceEachHaveTheProgram() throws Exception {
        List<Process> jobs = new ArrayList<>();
        for (int n = 0; n < 12; n++) jobs.add(start("job" + n, "/bin/sh"));
        for (Process job : jobs) assertTrue(job.waitFor(60, TimeUnit.SECONDS));
        for (int n = 0; n < 12; n++) assertEquals("RAN " + cache.resolve(COPY), Files.readString(tmp.resolve("job" + n + ".out")).strip());
        assertEquals(List.of(), leftovers());
        int before = asked.get();
        took(cache, run());
        assertEquals(before, asked.get());
    }

    @Test
    void anAbortInADownloadLeavesNothing() throws Exception {
        tools("curl");
        answers = e -> {
            e.sendResponseHeaders(200, PACKED.length);
            e.getResponseBody().write(PACKED, 0, 20);
            e.getResponseBody().flush();
            try {
                Thread.sleep(60_000);
            } catch (InterruptedException over) {
                e.close();
            }
        };
        Process job = start("job", "/bin/sh");
        for (int n = 0; n < 500 && leftovers().isEmpty(); n++) Thread.sleep(10);
        assertEquals(1, leftovers().size());
        assertEquals(0, new ProcessBuilder("kill", "-TERM", "--", "-" + job.pid()).start().waitFor());
        assertTrue(job.waitFor(10, TimeUnit.SECONDS));
        assertEquals(143, job.exitValue(), "Jenkins forgets an abort that ends in 0");
        assertEquals(List.of(), leftovers());
    }

    // ---- Where it lies ----

    @Test
    void theCacheIsWhereItsVariableSays() throws Exception {
        env.put("XDG_CACHE_HOME", tmp + "/a cache *");
        took(tmp.resolve("a cache */ecs-bg"), run());
        env.put("XDG_CACHE_HOME", "relative");
        took(temporary.resolve("ecs-bg"), run());
        assertFalse(Files.exists(tmp.resolve("relative")));
    }

    @Test
    void withoutAHomeTheJobsOwnDirectoryIsTaken() throws Exception {
        env.remove("HOME");
        took(temporary.resolve("ecs-bg"), run());
        env.put("HOME", Files.writeString(tmp.resolve("file"), "").toString());
        took(temporary.resolve("ecs-bg"), run());
        assertEquals(1, asked.get());
    }

    /** File systems of a cache that cannot be used, and what is said of each once nothing else can be, either. */
    static Stream<Arguments> fileSystems() {
        return Stream.of(Arguments.of("full", "size=16k", "No space left on device"), Arguments.of("read only", "ro", "Read-only file system"), Arguments.of("not for programs", "noexec", "ermission denied"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("fileSystems")
    void aPlaceThatCannotHoldTheProgramIsPassedOver(String what, String options, String words) throws Exception {
        mount(tmp.resolve("home/.cache"), options);
        if (what.equals("full")) Files.write(tmp.resolve("home/.cache/much"), new byte[16 << 10]);
        for (int time = 0; time < 2; time++) took(temporary.resolve("ecs-bg"), run());
        assertEquals(1, asked.get(), "the copy that was kept is found");
        // what is said where it fits nowhere
        env.put("ECS_BG_NEEDS", "0.2.0");
        String tried = run().tried();
        Files.delete(Path.of("/tmp/ecs-bg-" + Files.getAttribute(tmp, "unix:uid"), COPY.replace("0.1.0", "0.2.0")));
        assertTrue(tried.matches(".*" + cache + "[^;]*" + words + ".*") && tried.contains("is version 0.1.0, older than 0.2.0"), tried);
    }

    /** What somebody else may have put where the cache is, from which nothing is run; and where the program is taken from then. */
    interface Trap {
        void lay(FinderTest t) throws Exception;
    }

    static Stream<Arguments> traps() {
        String evil = PROGRAM.replace("RAN", "EVIL");
        return Stream.of(
            trap("a directory of somebody else", false, t -> somebodyElses(t.write(t.cache.resolve(COPY), PROGRAM, "rwx------").getParent())),
            trap("a directory that others may write to", false, t -> Files.setPosixFilePermissions(t.write(t.cache.resolve(COPY), PROGRAM, "rwx------").getParent(), PosixFilePermissions.fromString("rwxrwx---"))),
            trap("a directory that others may read", false, t -> Files.setPosixFilePermissions(t.write(t.cache.resolve(COPY), PROGRAM, "rwx------").getParent(), PosixFilePermissions.fromString("rwxr-xr-x"))),
            trap("a link to a directory", false, t -> {
                Path other = t.write(t.tmp.resolve("other").resolve(COPY), PROGRAM, "rwx------").getParent();
                Files.createDirectories(t.cache.getParent());
                Files.createSymbolicLink(t.cache, other);
            }),
            trap("a link to nowhere", false, t -> Files.createSymbolicLink(Files.createDirectories(t.cache.getParent()).resolve("ecs-bg"), t.tmp.resolve("nowhere"))),
            trap("a file", false, t -> t.write(t.cache, PROGRAM, "rwx------")),
            trap("a copy of somebody else", true, t -> somebodyElses(t.write(t.cache.resolve(COPY), PROGRAM, "rwx------"))),
            trap("a copy that others may write to", true, t -> t.write(t.cache.resolve(COPY), PROGRAM, "rwxrwxrwx")),
            trap("a copy that was changed", true, t -> t.write(t.cache.resolve(COPY), evil, "rwx------")),
            trap("a copy that was cut off", true, t -> t.write(t.cache.resolve(COPY), PROGRAM.substring(0, 20), "rwx------")),
            trap("a link to another copy", true, t -> Files.createSymbolicLink(t.write(t.cache.resolve("x"), PROGRAM, "rwx------").resolveSibling(COPY), Path.of("x"))));
    }

    private static Arguments trap(String what, boolean replaced, Trap trap) {
        return Arguments.of(what, replaced, trap);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("traps")
    void onlyWhatNobodyElseCanHavePutThereIsRun(String what, boolean replaced, Trap trap) throws Exception {
        trap.lay(this);
        took(replaced ? cache : temporary.resolve("ecs-bg"), run());
        assertEquals(1, asked.get());
        if (replaced) {
            assertTrue(Files.isRegularFile(cache.resolve(COPY), LinkOption.NOFOLLOW_LINKS));
            assertEquals(Files.getAttribute(tmp, "unix:uid"), Files.getAttribute(cache.resolve(COPY), "unix:uid"));
        }
        took(replaced ? cache : temporary.resolve("ecs-bg"), run());
        assertEquals(1, asked.get());
        assertFalse(Files.exists(tmp.resolve("nowhere")), "nothing is made where a link leads");
        assertEquals(List.of(), leftovers());
    }

    @Test
    void aDirectoryThatHandsItsGroupDownIsOurs() throws Exception {
        Path parent = Files.createDirectories(cache.getParent());
        assertEquals(0, new ProcessBuilder("chmod", "2755", parent.toString()).start().waitFor());
        for (int time = 0; time < 2; time++) took(cache, run());
        assertEquals(1, asked.get());
    }
}
