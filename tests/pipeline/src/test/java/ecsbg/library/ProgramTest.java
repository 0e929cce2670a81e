package ecsbg.library;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import ecsbg.pipeline.Run;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.Executors;
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

/** Which ecs-bg a step takes: `helper:`, ECS_BG_HELPER, PATH, the library's own; and what is said where none fits. */
@Execution(ExecutionMode.CONCURRENT)
class ProgramTest {
    private static final String STATUS = "ecsStatus(params.keys)";
    @TempDir Path tmp;
    private World w;
    private Path resources;
    private Path agentTmp;
    private Path cache;
    private HttpServer server;

    @BeforeEach
    void world() throws IOException {
        w = new World(tmp);
        resources = Files.createDirectories(tmp.resolve("resources"));
        Files.createDirectories(resources.resolve("bin"));
        Files.writeString(resources.resolve("bin/checksums.txt"), "");
        Files.copy(World.RESOURCES.resolve("find-ecs-bg.sh"), resources.resolve("find-ecs-bg.sh"));
        agentTmp = Files.createDirectories(tmp.resolve("tmp"));
        cache = tmp.resolve("home/.cache/ecs-bg");
        // this machine may have an ecs-bg of its own
        w.setting(p -> p.env("ECS_BG_HELPER", "").env("PATH", "/usr/bin:/bin").env("TMPDIR", agentTmp.toString())
            .env("HOME", tmp.resolve("home").toString()).env("XDG_CACHE_HOME", "").library(World.VARS, resources));
    }

    /** A program that says its name and is the real one. */
    private Path program(String name, String version) throws IOException {
        return script(tmp.resolve(name), name, version);
    }

    private static Path script(Path file, String name, String version) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "#!/bin/sh\nif [ \"$1\" = --version ]; then echo \"ecs-bg " + version + "\"; exit; fi\necho \"THIS IS " + name + "\" >&2\nexec '" + World.BINARY + "' \"$@\"\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        return file;
    }

    private Path onPath(String version) throws IOException {
        Path file = script(tmp.resolve("path/ecs-bg"), "path", version);
        w.setting(p -> p.env("PATH", file.getParent() + ":/usr/bin:/bin"));
        return file;
    }

    /** As a release brings it; returns its name. */
    private String bundled() throws Exception {
        String name = known();
        Files.write(resources.resolve("bin/" + name + ".gz"), packed(tmp.resolve("bundled")));
        return name;
    }

    /** As each release knows it: its checksum; returns its name. */
    private String known() throws Exception {
        String name = "ecs-bg-linux-" + System.getProperty("os.arch").replace("amd64", "x86_64");
        byte[] much = new byte[300_000];
        new Random(1).nextBytes(much);
        Files.writeString(program("bundled", World.VERSION), "# " + Base64.getEncoder().encodeToString(much) + "\n", StandardOpenOption.APPEND);
        byte[] sum = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(tmp.resolve("bundled")));
        Files.writeString(resources.resolve("bin/checksums.txt"), "0".repeat(64) + "  ecs-bg-linux-other\n" + HexFormat.of().formatHex(sum) + "  " + name + "\n");
        return name;
    }

    private static byte[] packed(Path file) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gz = new GZIPOutputStream(bytes)) {
            Files.copy(file, gz);
        }
        return bytes.toByteArray();
    }

    /** A server that has what it is told to have; answers anything else with 404. */
    private String serve(Map<String, byte[]> files, Set<String> asked) throws IOException {
        server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.createContext("/", e -> {
            asked.add(e.getRequestURI().toString() + " " + e.getRequestHeaders().getFirst("Authorization"));
            byte[] body = files.get(e.getRequestURI().getPath());
            e.sendResponseHeaders(body == null ? 404 : 200, body == null ? -1 : body.length);
            if (body != null) e.getResponseBody().write(body);
            e.close();
        });
        server.setExecutor(Executors.newCachedThreadPool());
        server.start();
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    @AfterEach
    void stop() {
        if (server != null) server.stop(0);
    }

    private void took(Run r, String name) {
        assertEquals("SUCCESS", r.result, r.text());
        assertTrue(r.log.contains("THIS IS " + name), r.text());
    }

    @Test
    void theArgumentHelperWinsOverEverything() throws Exception {
        program("variable", World.VERSION);
        onPath(World.VERSION);
        w.with("helper", program("argument", World.VERSION).toString()).setting(p -> p.env("ECS_BG_HELPER", tmp.resolve("variable").toString()));
        took(w.run(STATUS), "argument");
    }

    @Test
    void theEnvironmentsHelperWinsOverThePath() throws Exception {
        program("variable", World.VERSION);
        onPath(World.VERSION);
        w.setting(p -> p.env("ECS_BG_HELPER", tmp.resolve("variable").toString()));
        took(w.run(STATUS), "variable");
    }

    @Test
    void thePathWinsOverTheLibrarysOwn() throws Exception {
        bundled();
        onPath("0.2.0-rc.1");
        Run r = w.run(STATUS);
        took(r, "path");
        assertEquals(1, r.steps("sh").size());
    }

    @Test
    void aHelperThatDoesNotFitIsSaidAndPassedOver() throws Exception {
        onPath(World.VERSION);
        for (String helper : List.of(tmp.resolve("nowhere").toString(), program("old", "0.0.9").toString(), tmp.toString())) {
            Run r = w.with("helper", helper).run(STATUS);
            took(r, "path");
            assertTrue(r.logged("ecs-bg: " + helper + " is ") && r.logged("looking elsewhere"), r.text());
        }
    }

    @Test
    void aProgramOnThePathThatIsOlderThanNeededIsPassedOver() throws Exception {
        bundled();
        onPath("0.0.9");
        took(w.run(STATUS), "bundled");
    }

    @Test
    void theLibrarysOwnIsCopiedOnceToAnAgentForOneMoreSh() throws Exception {
        bundled();
        Run r = w.deploy();
        assertEquals("SUCCESS", r.result, r.text());
        assertEquals(10, r.steps("sh").size(), World.actions(r).toString());
        assertEquals(1, r.steps.stream().filter(s -> s.label != null && s.label.endsWith("(copied)")).count());
        assertEquals(1, r.steps("writeFile").stream().filter(s -> "Base64".equals(s.args.get("encoding"))).count());
        assertEquals(9, r.log.stream().filter("THIS IS bundled"::equals).count());
        long most = r.steps.stream().filter(s -> !"Base64".equals(s.args.get("encoding"))).mapToLong(s -> s.saved).max().orElseThrow();
        assertTrue(r.largestSave > 300_000 && most < 200_000, "the program's bytes are in no saved state: " + most);
        try (Stream<Path> left = Stream.concat(Files.walk(tmp.resolve("build-1/agents")), Files.walk(cache))) {
            List<Path> copies = left.filter(f -> f.getFileName().toString().startsWith("ecs-bg-")).toList();
            assertEquals(1, copies.size(), "the upload is removed, the copy stays: " + copies);
            assertEquals(cache, copies.get(0).getParent());
        }
        w.state().isSettledOn(World.OURS, World.OURS);
    }

    @Test
    void eachUserOfAnAgentGetsOneCopyForAllJobs() throws Exception {
        bundled();
        String home = "withEnv(['HOME=" + tmp + "/other']) { ";
        Run r = w.run("node('a') { ecsStatus(params.keys); ecsStatus(params.keys) }\nnode('a') { ecsStatus(params.keys); " + home + "ecsStatus(params.keys) } }");
        assertEquals("SUCCESS", r.result, r.text());
        assertEquals(6, r.steps("sh").size());
        Run next = w.run(STATUS);
        took(next, "bundled");
        assertEquals(1, next.steps("sh").size(), "another job");
        assertEquals(0, next.steps("libraryResource").stream().filter(s -> "Base64".equals(s.args.get("encoding"))).count());
    }

    @Test
    void twoBranchesOnOneAgentMayCopyAtOnce() throws Exception {
        bundled();
        Run r = w.run("parallel(a: { node { ecsStatus(params.keys) } }, b: { node { ecsStatus(params.keys) } })");
        assertEquals("SUCCESS", r.result, r.text());
        assertEquals(2, r.log.stream().filter(l -> l.endsWith("THIS IS bundled")).count(), r.text());
    }

    @Test
    void aCopyWithAnotherChecksumIsNeverRun() throws Exception {
        String name = bundled();
        Files.writeString(tmp.resolve("bundled"), "# tampered\n", StandardOpenOption.APPEND);
        Files.write(resources.resolve("bin/" + name + ".gz"), packed(tmp.resolve("bundled")));
        Run r = w.run(STATUS);
        assertEquals("FAILURE", r.result);
        assertFalse(r.logged("THIS IS"), r.text());
        assertTrue(r.logged(cache + " cannot take it: what came is not what the checksum in the library is of"), r.text());
        assertEquals(2, r.steps("sh").size());
    }

    @Test
    void aCopyThatWasDamagedOnTheAgentIsReplaced() throws Exception {
        bundled();
        Run r = w.run("node { ecsStatus(params.keys)\n sh 'for f in \"$HOME\"/.cache/ecs-bg/ecs-bg-*; do echo damaged > \"$f\"; done'\n ecsStatus(params.keys) }");
        assertEquals("SUCCESS", r.result, r.text());
        assertEquals(2, r.log.stream().filter("THIS IS bundled"::equals).count(), r.text());
    }

    @Test
    void whereNothingFitsOneErrorNamesWhatWasTried() throws Exception {
        w.with("helper", "/nowhere/ecs-bg");
        onPath("0.0.9");
        Run r = w.run(STATUS);
        assertEquals("FAILURE", r.result);
        String told = r.log.stream().filter(l -> l.startsWith("ERROR: ecs-bg: no program for linux on ")).findFirst().orElseThrow(() -> new AssertionError(r.text()));
        for (String part : List.of("/nowhere/ecs-bg is not a file", "path/ecs-bg is version 0.0.9, older than " + World.VERSION, "the library has no checksum of ecs-bg-linux-", "Name one with helper: or ECS_BG_HELPER")) {
            assertTrue(told.contains(part), part + " is not in " + told);
        }
        assertEquals(1, r.steps("sh").size());
    }

    /** What stands in the way of a program, and what is said of it then. */
    static Stream<Arguments> unable() {
        return Stream.of(
            Arguments.of("its loader", "rwxr-xr-x", "#!/bin/sh\necho \"$0: /lib64/libc.so.6: version \\`GLIBC_2.34' not found (required by $0)\" >&2; echo second >&2; exit 1\n",
                "(exit status 1): ", "version `GLIBC_2.34' not found"),
            Arguments.of("a file system without execution, or no permission", "rw-r--r--", "#!/bin/sh\n", "(exit status 126): ", "ermission denied"),
            Arguments.of("another processor", "rwxr-xr-x", "\u007fELF\2\1\1\0\0\0\0\0\0\0\0\0", "(exit status 126): ", "xec format error"),
            Arguments.of("no loader", "rwxr-xr-x", "#!/nowhere/ld-linux.so\n", "(exit status 12", "not found"),
            Arguments.of("what a log or JSON would obey", "rwxr-xr-x", "#!/bin/sh\nprintf '\\n  \\n\\033[31mno \\\\ \"x\" \\001\\n' >&2; exit 3\n", "(exit status 3): ", "[31mno  'x' "),
            Arguments.of("much to say", "rwxr-xr-x", "#!/bin/sh\nprintf '%0900d' 1 >&2; exit 3\n", "(exit status 3): ", "0".repeat(200) + ";"),
            Arguments.of("nothing to say", "rwxr-xr-x", "#!/bin/sh\nexit 9\n", "(exit status 9): ", ""),
            Arguments.of("another program", "rwxr-xr-x", "#!/bin/sh\nprintf 'hello \"you\\033\\n' \n", "is version ", "'you, older than " + World.VERSION));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("unable")
    void ofAProgramThatCannotRunItsOwnFirstLineIsSaid(String why, String mode, String content, String before, String words) throws Exception {
        Path program = tmp.resolve("unable");
        Files.writeString(program, content);
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString(mode));
        // as the helper: said in the log, and the next one is looked for; on the PATH: part of the one error
        Files.createDirectories(tmp.resolve("path"));
        Files.copy(program, tmp.resolve("path/ecs-bg"), StandardCopyOption.COPY_ATTRIBUTES);
        Run r = w.with("helper", program.toString()).setting(p -> p.env("PATH", tmp.resolve("path") + ":/usr/bin:/bin")).run(STATUS);
        assertEquals("FAILURE", r.result, r.text());
        String log = r.log.stream().filter(l -> l.startsWith("ecs-bg: " + program) && l.endsWith("looking elsewhere")).findFirst().orElseThrow(() -> new AssertionError(r.text()));
        String told = r.log.stream().filter(l -> l.startsWith("ERROR: ecs-bg: no program for linux on ")).findFirst().orElseThrow(() -> new AssertionError(r.text()));
        for (String line : mode.contains("x") ? List.of(log, told) : List.of(log)) {
            assertTrue(line.contains(before) && line.substring(line.indexOf(before) + before.length()).contains(words), line);
            assertFalse(line.chars().anyMatch(Character::isISOControl), line);
            assertFalse(line.contains("second"), line);
        }
        assertTrue(told.length() < 1500, told);
    }

    @Test
    void anAddressIsAskedWithinTheSameShAndBeforeTheLibrarysOwn() throws Exception {
        String name = bundled();
        Set<String> asked = new ConcurrentSkipListSet<>();
        String at = serve(Map.of("/" + World.VERSION + "/" + name + ".gz", packed(tmp.resolve("bundled"))), asked);
        Run r = w.with("helperUrl", "http://deploy:S3CRET%21@" + at + "/{version}/ecs-bg-{system}-{processor}.gz?token=T0KEN").deploy();
        assertEquals("SUCCESS", r.result, r.text());
        assertEquals(9, r.steps("sh").size(), World.actions(r).toString());
        assertEquals(9, r.log.stream().filter("THIS IS bundled"::equals).count());
        assertEquals(Set.of("/" + World.VERSION + "/" + name + ".gz?token=T0KEN Basic " + Base64.getEncoder().encodeToString("deploy:S3CRET!".getBytes())), asked, "once");
        assertFalse(r.steps("sh").stream().anyMatch(s -> s.args.toString().contains("S3CRET")) || r.logged("S3CRET") || World.report(r).toString().contains("S3CRET"), r.text());
        assertTrue(r.steps("withEnv").stream().flatMap(s -> s.args.values().stream()).map(String::valueOf).filter(v -> v.contains("ECS_BG_PARAMS=")).noneMatch(v -> v.split("ECS_BG_PARAMS=")[1].split("ECS_BG_COMMAND=")[0].contains("S3CRET")), "the program is not told");
    }

    @Test
    void theEnvironmentsAddressIsAskedWhereTheLibraryHasTheChecksumAlone() throws Exception {
        String name = known();
        String at = serve(Map.of("/" + name, packed(tmp.resolve("bundled"))), new ConcurrentSkipListSet<>());
        w.setting(p -> p.env("ECS_BG_URL", "http://" + at + "/ecs-bg-{system}-{processor}"));
        took(w.run(STATUS), "bundled");
    }

    @Test
    void whereAnAddressFailsTheLibrarysOwnIsTaken() throws Exception {
        bundled();
        String at = serve(Map.of(), new ConcurrentSkipListSet<>());
        Run r = w.with("helperUrl", "http://deploy:S3CRET@" + at + "/nothing.gz?token=S3CRET").run(STATUS);
        took(r, "bundled");
        assertTrue(r.logged("ecs-bg: http://" + at + "/nothing.gz?... was not to be had: curl: (22) The requested URL returned error: 404"), r.text());
        assertFalse(r.logged("S3CRET"), r.text());
        assertEquals(2, r.steps("sh").size());
    }

    @Test
    void whereTheLibraryHasTheChecksumAloneAllThatWasTriedIsSaid() throws Exception {
        String name = known();
        String at = serve(Map.of(), new ConcurrentSkipListSet<>());
        Run r = w.with("helperUrl", "http://" + at + "/nothing.gz").run(STATUS);
        assertEquals("FAILURE", r.result);
        String told = r.log.stream().filter(l -> l.startsWith("ERROR: ecs-bg: no program for linux on ")).findFirst().orElseThrow(() -> new AssertionError(r.text()));
        for (String part : List.of("no helper: or ECS_BG_HELPER", "no ecs-bg on PATH", "no good copy in " + cache, "http://" + at + "/nothing.gz was not to be had: ", "no resources/bin/" + name + ".gz", "helperUrl: or ECS_BG_URL")) {
            assertTrue(told.contains(part), part + " is not in " + told);
        }
        assertEquals(1, r.steps("sh").size());
    }

    @Test
    void anAddressWithoutAChecksumInTheLibraryIsNotAsked() throws Exception {
        Set<String> asked = new ConcurrentSkipListSet<>();
        String at = serve(Map.of(), asked);
        Run r = w.with("helperUrl", "http://" + at + "/x.gz").run(STATUS);
        assertEquals("FAILURE", r.result);
        assertTrue(r.log.stream().anyMatch(l -> l.contains("the library has no checksum of ecs-bg-linux-") && l.contains("nothing is fetched without one")), r.text());
        assertEquals(Set.of(), asked);
    }

    /** What is no template of an address, and a part of what is said of it. */
    static Stream<Arguments> noAddress() {
        String none = " is not an address such as https://";
        return Stream.of(
            Arguments.of("ftp://artifacts.example/x.gz", none),
            Arguments.of("artifacts.example/x.gz", none),
            Arguments.of("https://artifacts.example", none),
            Arguments.of("https://artifacts.example/a b.gz", none),
            Arguments.of("https://artifacts.example/a\"b.gz", none),
            Arguments.of("https://artifacts.example/a\nurl=b.gz", none),
            Arguments.of("https://artifacts.example/a.gz\n", none),
            Arguments.of("https://u:S3/CRET@artifacts.example/x.gz\\", none),
            Arguments.of("https://u:{S3CRET}@artifacts.example/x.gz", none),
            Arguments.of("https://u:S3CRET@artifacts.example/{arch}/x.gz?token=S3CRET", " knows {version}, {system} and {processor}; it was given {arch}"),
            Arguments.of("https://artifacts.example/{Version}/x.gz", "it was given {Version}"),
            Arguments.of("https://artifacts.example/{version/x.gz", "it was given {version/x.gz"));
    }

    @ParameterizedTest
    @MethodSource("noAddress")
    void whatIsNoAddressIsSaidBeforeAnything(String url, String words) throws Exception {
        onPath(World.VERSION);
        Run given = w.with("helperUrl", url).run(STATUS);
        Run set = w.with("helperUrl", null).setting(p -> p.env("ECS_BG_URL", url)).run(STATUS);
        for (Run r : List.of(given, set, w.deploy())) {
            assertEquals("FAILURE", r.result, r.text());
            assertTrue(r.log.stream().anyMatch(l -> l.startsWith("ERROR: " + (r == given ? "helperUrl" : "ECS_BG_URL")) && l.contains(words)), r.text());
            assertFalse(r.logged("S3"), r.text());
            assertEquals(0, r.executors.size(), "nothing was begun");
        }
    }

    @Test
    void whatIsNoJsonIsSaidWithoutItsText() throws Exception {
        Path broken = tmp.resolve("broken");
        Files.writeString(broken, "#!/bin/sh\nif [ \"$1\" = --version ]; then echo 'ecs-bg " + World.VERSION + "'; exit; fi\necho '<html>" + "x".repeat(300) + "'\n");
        Files.setPosixFilePermissions(broken, PosixFilePermissions.fromString("rwxr-xr-x"));
        Run r = w.with("helper", broken.toString()).run(STATUS);
        assertEquals("FAILURE", r.result);
        assertTrue(r.logged("ERROR: ecs-bg status web: its answer is not one JSON object: <html>"), r.text());
        assertFalse(r.logged("x".repeat(200)));
    }
}
