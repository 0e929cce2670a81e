package ecsbg.library;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What resources/find-ecs-bg.sh fetches, with what this machine has; and that nothing else than the program is ever run. */
@Execution(ExecutionMode.CONCURRENT)
class FetchTest extends Finder {
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
            Arguments.of("more than a disk takes", all(packed(new byte[200 << 20])), "cannot take it: "));
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
            assertTrue(!what.startsWith("more") || !tried.contains("checksum in"), "it was not unpacked to its end: " + tried);
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

    /** What they say of a certificate, to the letter, and the line of it that tells. */
    static Stream<Arguments> certificates() {
        return Stream.of(
            Arguments.of("curl", "curl: (60) SSL certificate problem: self-signed certificate\nMore details here: https://curl.se/docs/sslcerts.html\n\ncurl failed to verify the legitimacy of the server and therefore could not\n"
                + "establish a secure connection to it. To learn more about this situation and\nhow to fix it, please visit the web page mentioned above.\n", "curl: (60) SSL certificate problem: self-signed certificate"),
            Arguments.of("wget", "--2026-11-27 20:00:00--  https://u:*password*@artifacts.example/x.gz\nConnecting to artifacts.example:443... connected.\nERROR: cannot verify artifacts.example's certificate, issued by 'CN=x':\n"
                + "  Self-signed certificate encountered.\nTo connect to artifacts.example insecurely, use `--no-check-certificate'.\n", "ERROR: cannot verify artifacts.example's certificate, issued by 'CN=x':"));
    }

    @ParameterizedTest
    @MethodSource("certificates")
    void theLineThatTellsIsSaidAndNoAdvice(String by, String says, String told) throws Exception {
        tools("cat");
        Path file = Files.writeString(tmp.resolve("says"), says);
        write(Path.of(env.get("PATH"), by), "#!/bin/sh\n[ \"$1\" != --help ] || exit\ncat '" + file + "' >&2\nexit 60\n", "rwx------");
        String tried = run().tried();
        assertTrue(tried.contains("was not to be had: " + told + "; "), tried);
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
}
