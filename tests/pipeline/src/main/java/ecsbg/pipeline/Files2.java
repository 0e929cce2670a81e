package ecsbg.pipeline;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Trees of files. */
public final class Files2 {
    private Files2() {}

    static void deleteTree(Path root) {
        if (!Files.exists(root, LinkOption.NOFOLLOW_LINKS)) return;
        try (Stream<Path> all = Files.walk(root)) {
            for (Path p : all.sorted(Comparator.reverseOrder()).toList()) Files.deleteIfExists(p);
        } catch (IOException x) {
            throw new UncheckedIOException(x);
        }
    }

    public static void copyTree(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path p : (Iterable<Path>) all::iterator) {
                Path target = to.resolve(from.relativize(p).toString());
                if (Files.isDirectory(p, LinkOption.NOFOLLOW_LINKS)) Files.createDirectories(target);
                else Files.copy(p, target, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES, LinkOption.NOFOLLOW_LINKS);
            }
        }
    }

    /** All files below, relative, sorted. */
    static List<String> list(Path root) {
        if (!Files.isDirectory(root)) return List.of();
        try (Stream<Path> all = Files.walk(root)) {
            return all.filter(Files::isRegularFile).map(p -> root.relativize(p).toString()).sorted().toList();
        } catch (IOException x) {
            throw new UncheckedIOException(x);
        }
    }

    /** Files that Ant's patterns select; several are separated by commas. */
    static List<String> select(Path root, String patterns) {
        List<PathMatcher> matchers = new ArrayList<>();
        for (String p : patterns.split("\\s*,\\s*")) {
            // Ant knows no other wildcards than * and ?
            String plain = p.replaceAll("[\\[\\]{}]", "\\\\$0");
            String pattern = plain.endsWith("/") ? plain + "**" : plain;
            matchers.add(FileSystems.getDefault().getPathMatcher("glob:" + pattern));
            // Ant's ** stands for no directory too
            if (pattern.startsWith("**/")) matchers.add(FileSystems.getDefault().getPathMatcher("glob:" + pattern.substring(3)));
            if (pattern.contains("/**/")) matchers.add(FileSystems.getDefault().getPathMatcher("glob:" + pattern.replace("/**/", "/")));
        }
        return list(root).stream().filter(f -> matchers.stream().anyMatch(m -> m.matches(Path.of(f)))).toList();
    }

    static void copySelected(Path from, List<String> files, Path to) throws IOException {
        for (String f : files) {
            Path target = to.resolve(f);
            Files.createDirectories(target.getParent());
            Files.copy(from.resolve(f), target, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
        }
    }
}
