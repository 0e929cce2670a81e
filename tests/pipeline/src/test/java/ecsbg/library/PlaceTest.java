package ecsbg.library;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Where resources/find-ecs-bg.sh keeps the program, and what it finds there and does not run. */
@Execution(ExecutionMode.CONCURRENT)
class PlaceTest extends Finder {
    @Test
    void theCacheIsWhereItsVariableSays() throws Exception {
        env.put("XDG_CACHE_HOME", tmp + "/a cache *");
        took(tmp.resolve("a cache */ecs-bg"), run());
        env.put("XDG_CACHE_HOME", "relative");
        took(ofTheJob, run());
        assertFalse(Files.exists(tmp.resolve("relative")));
    }

    @Test
    void withoutAHomeTheJobsOwnDirectoryIsTaken() throws Exception {
        env.remove("HOME");
        took(ofTheJob, run());
        env.put("HOME", Files.writeString(tmp.resolve("file"), "").toString());
        took(ofTheJob, run());
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
        for (int time = 0; time < 2; time++) took(ofTheJob, run());
        assertEquals(1, asked.get(), "the copy that was kept is found");
        // what is said where it fits nowhere
        env.put("ECS_BG_NEEDS", "0.2.0");
        String tried = run().tried();
        Files.delete(Path.of("/tmp/ecs-bg-" + Files.getAttribute(tmp, "unix:uid"), COPY.replace("0.1.0", "0.2.0")));
        assertTrue(tried.matches(".*" + cache + "[^;]*" + words + ".*") && tried.contains("is version 0.1.0, older than 0.2.0"), tried);
    }

    /** What somebody else may have put where the cache is, from which nothing is run; and where the program is taken from then. */
    interface Trap {
        void lay(PlaceTest t) throws Exception;
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
        took(replaced ? cache : ofTheJob, run());
        assertEquals(1, asked.get());
        if (replaced) {
            assertTrue(Files.isRegularFile(cache.resolve(COPY), LinkOption.NOFOLLOW_LINKS));
            assertEquals(Files.getAttribute(tmp, "unix:uid"), Files.getAttribute(cache.resolve(COPY), "unix:uid"));
        }
        took(replaced ? cache : ofTheJob, run());
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
