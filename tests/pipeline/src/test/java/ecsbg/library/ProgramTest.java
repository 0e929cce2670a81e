package ecsbg.library;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ecsbg.pipeline.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
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

    @BeforeEach
    void world() throws IOException {
        w = new World(tmp);
        resources = Files.createDirectories(tmp.resolve("resources"));
        Files.createDirectories(resources.resolve("bin"));
        Files.writeString(resources.resolve("bin/checksums.txt"), "");
        agentTmp = Files.createDirectories(tmp.resolve("tmp"));
        // this machine may have an ecs-bg of its own
        w.setting(p -> p.env("ECS_BG_HELPER", "").env("PATH", "/usr/bin:/bin").env("TMPDIR", agentTmp.toString()).library(World.VARS, resources));
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
        String processor = System.getProperty("os.arch").replace("amd64", "x86_64");
        String name = "ecs-bg-linux-" + processor;
        script(resources.resolve("bin/" + name), "bundled", "0.1.0");
        byte[] sum = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(resources.resolve("bin/" + name)));
        Files.writeString(resources.resolve("bin/checksums.txt"), "0".repeat(64) + "  ecs-bg-linux-other\n" + HexFormat.of().formatHex(sum) + "  " + name + "\n");
        return name;
    }

    private void took(Run r, String name) {
        assertEquals("SUCCESS", r.result, r.text());
        assertTrue(r.log.contains("THIS IS " + name), r.text());
    }

    @Test
    void theArgumentHelperWinsOverEverything() throws Exception {
        program("variable", "0.1.0");
        onPath("0.1.0");
        w.with("helper", program("argument", "0.1.0").toString()).setting(p -> p.env("ECS_BG_HELPER", tmp.resolve("variable").toString()));
        took(w.run(STATUS), "argument");
    }

    @Test
    void theEnvironmentsHelperWinsOverThePath() throws Exception {
        program("variable", "0.1.0");
        onPath("0.1.0");
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
        onPath("0.1.0");
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
        assertEquals(9, r.steps("sh").size(), World.actions(r).toString());
        assertEquals(1, r.steps.stream().filter(s -> s.label != null && s.label.endsWith("(copied)")).count());
        assertEquals(1, r.steps("writeFile").stream().filter(s -> "Base64".equals(s.args.get("encoding"))).count());
        assertEquals(8, r.log.stream().filter("THIS IS bundled"::equals).count());
        assertTrue(r.largestSave < 200_000, "the program's bytes are in no saved state: " + r.largestSave);
        try (Stream<Path> left = Files.walk(tmp.resolve("build-1/agents"))) {
            assertEquals(1, left.filter(f -> f.getFileName().toString().startsWith("ecs-bg-0")).count(), "the upload is removed, the copy stays");
        }
        w.state().isSettledOn(World.OURS, World.OURS);
    }

    @Test
    void eachAgentGetsItsOwnCopy() throws Exception {
        bundled();
        Run r = w.run("node('a') { ecsStatus(params.keys); ecsStatus(params.keys) }\nnode('b') { ecsStatus(params.keys) }");
        assertEquals("SUCCESS", r.result, r.text());
        assertEquals(5, r.steps("sh").size());
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
        String sums = Files.readString(resources.resolve("bin/checksums.txt"));
        Files.writeString(resources.resolve("bin/" + name), Files.readString(resources.resolve("bin/" + name)) + "# tampered\n");
        Run r = w.run(STATUS);
        assertEquals("FAILURE", r.result);
        assertFalse(r.logged("THIS IS"), r.text());
        assertTrue(r.logged("cannot take it: it came damaged"), r.text());
        assertEquals(2, r.steps("sh").size());
        assertTrue(sums.contains(name));
    }

    @Test
    void aCopyThatWasDamagedOnTheAgentIsReplaced() throws Exception {
        bundled();
        Run r = w.run("node { ecsStatus(params.keys)\n sh 'for f in \"$WORKSPACE_TMP\"/ecs-bg-*; do echo damaged > \"$f\"; done'\n ecsStatus(params.keys) }");
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
        for (String part : List.of("/nowhere/ecs-bg is not a file", "path/ecs-bg is version 0.0.9, older than 0.1.0", "the library brings no ecs-bg-linux-", "Name one with helper: or ECS_BG_HELPER")) {
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
            Arguments.of("another program", "rwxr-xr-x", "#!/bin/sh\nprintf 'hello \"you\\033\\n' \n", "is version ", "'you, older than 0.1.0"));
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
    void ofADirectoryThatCannotTakeTheCopyItIsSaidWhy() throws Exception {
        bundled();
        Path cp = Files.createDirectories(tmp.resolve("full")).resolve("cp");
        Files.writeString(cp, "#!/bin/sh\necho \"cp: error writing '$2': No space left on device\" >&2\nexit 1\n");
        Files.setPosixFilePermissions(cp, PosixFilePermissions.fromString("rwxr-xr-x"));
        Run r = w.setting(p -> p.env("PATH", cp.getParent() + ":/usr/bin:/bin")).run(STATUS);
        assertEquals("FAILURE", r.result, r.text());
        assertTrue(r.log.stream().anyMatch(l -> l.startsWith("ERROR: ecs-bg: no program") && l.contains(agentTmp + " cannot take it: cp: error writing ") && l.contains("No space left on device")), r.text());
    }

    @Test
    void whatIsNoJsonIsSaidWithoutItsText() throws Exception {
        Path broken = tmp.resolve("broken");
        Files.writeString(broken, "#!/bin/sh\nif [ \"$1\" = --version ]; then echo 'ecs-bg 0.1.0'; exit; fi\necho '<html>" + "x".repeat(300) + "'\n");
        Files.setPosixFilePermissions(broken, PosixFilePermissions.fromString("rwxr-xr-x"));
        Run r = w.with("helper", broken.toString()).run(STATUS);
        assertEquals("FAILURE", r.result);
        assertTrue(r.logged("ERROR: ecs-bg status web: its answer is not one JSON object: <html>"), r.text());
        assertFalse(r.logged("x".repeat(200)));
    }
}
