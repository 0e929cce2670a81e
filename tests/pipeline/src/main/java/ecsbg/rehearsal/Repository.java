package ecsbg.rehearsal;

import ecsbg.pipeline.Files2;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What a build checks out: a copy of the team's directory as it is, without what git ignores, as Jenkins would not have that. */
record Repository(Path dir, String commit) {
    /** @param given may be a part of a larger repository, or under no git at all: its copy is one of its own then */
    static Repository copied(Path given, Path copy) throws IOException, InterruptedException {
        String files = output(List.of("git", "-C", given.toString(), "ls-files", "-z", "--cached", "--others", "--exclude-standard"));
        if (files.isEmpty()) {
            Files2.copyTree(given, copy);
        } else {
            for (String file : files.split("\0")) copy(given.resolve(file), copy.resolve(file));
        }
        if (Files.isDirectory(given.resolve(".git"))) Files2.copyTree(given.resolve(".git"), copy.resolve(".git"));
        else git(copy, "init", "--quiet");
        if (head(copy).isEmpty()) {
            git(copy, "add", "--all");
            git(copy, "-c", "user.name=Rehearsal", "-c", "user.email=rehearsal@example.com", "-c", "commit.gpgsign=false", "commit", "--quiet", "--message", "Rehearsal");
        }
        return new Repository(copy, head(copy));
    }

    /** The commit of a repository's own; nothing where it has none yet. */
    private static String head(Path dir) throws IOException, InterruptedException {
        return output(List.of("git", "-C", dir.toString(), "rev-parse", "--quiet", "--verify", "HEAD"));
    }

    private static void copy(Path from, Path to) throws IOException {
        // deleted, and not committed yet
        if (!Files.exists(from, LinkOption.NOFOLLOW_LINKS)) return;
        Files.createDirectories(to.getParent());
        // a directory: a submodule
        Files2.copyTree(from, to);
    }

    private static void git(Path dir, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("git", "-C", dir.toString()));
        command.addAll(List.of(arguments));
        if (new ProcessBuilder(command).inheritIO().start().waitFor() != 0) throw new IOException(String.join(" ", command) + " failed");
    }

    /** Nothing where it fails. */
    static String output(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        return process.waitFor() == 0 ? said : "";
    }
}
