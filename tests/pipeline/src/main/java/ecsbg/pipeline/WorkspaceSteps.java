package ecsbg.pipeline;

import hudson.AbortException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Steps on the files of the workspace, and on what the controller keeps. */
final class WorkspaceSteps {
    private final Machine machine;

    WorkspaceSteps(Machine machine) {
        this.machine = machine;
    }

    void addTo(Map<String, Step> steps) {
        steps.put("dir", e -> machine.startBody(e, e.body(), e.frame.inDir(machine.agents.dir(e).resolve(e.mainText("path")).normalize().toString()), e::finish));
        steps.put("pwd", e -> e.success((e.flag("tmp", false) ? machine.agents.temporary(e) : machine.agents.dir(e)).toString()));
        steps.put("isUnix", e -> {
            machine.agents.dir(e);
            e.success(true);
        });
        steps.put("writeFile", this::writeFile);
        steps.put("readFile", this::readFile);
        steps.put("fileExists", e -> e.success(Files.exists(machine.agents.dir(e).resolve(e.mainText("file")))));
        steps.put("deleteDir", e -> {
            Files2.deleteTree(machine.agents.dir(e));
            e.success(null);
        });
        steps.put("libraryResource", this::libraryResource);
        steps.put("checkout", this::checkout);
        steps.put("archiveArtifacts", this::archive);
        steps.put("stash", this::stash);
        steps.put("unstash", this::unstash);
    }

    private void writeFile(Execution e) throws Exception {
        String text = e.text("text");
        if (text == null || e.text("file") == null) throw new IllegalArgumentException("writeFile: file and text are needed");
        Path file = machine.agents.dir(e).resolve(e.text("file"));
        if (file.getParent() != null) Files.createDirectories(file.getParent());
        Files.write(file, "Base64".equals(e.text("encoding")) ? Base64.getMimeDecoder().decode(text) : text.getBytes(charset(e)));
        e.success(null);
    }

    private static Charset charset(Execution e) {
        return e.text("encoding") == null || e.text("encoding").isEmpty() ? StandardCharsets.UTF_8 : Charset.forName(e.text("encoding"));
    }

    private void readFile(Execution e) throws Exception {
        Path file = machine.agents.dir(e).resolve(e.mainText("file"));
        try {
            e.success(decode(e, Files.readAllBytes(file)));
        } catch (FileNotFoundException | NoSuchFileException x) {
            throw new NoSuchFileException(file.toString());
        }
    }

    private static String decode(Execution e, byte[] bytes) {
        return "Base64".equals(e.text("encoding")) ? Base64.getEncoder().encodeToString(bytes) : new String(bytes, charset(e));
    }

    private void libraryResource(Execution e) throws IOException {
        String name = e.mainText("resource");
        Path file = machine.pipeline.resources == null ? null : machine.pipeline.resources.resolve(name);
        if (file == null || !Files.isRegularFile(file)) throw new AbortException("No such library resource " + name + " could be found.");
        e.success(decode(e, Files.readAllBytes(file)));
    }

    private void checkout(Execution e) throws Exception {
        Path source = machine.pipeline.source;
        if (source == null) throw new AbortException("‘checkout scm’ is only available when using “Multibranch Pipeline” or “Pipeline script from SCM”");
        Files2.copyTree(source, machine.agents.dir(e));
        Map<String, String> vars = new LinkedHashMap<>();
        vars.put("GIT_BRANCH", "main");
        vars.put("GIT_COMMIT", machine.pipeline.commit);
        e.success(vars);
    }

    private void archive(Execution e) throws Exception {
        String patterns = e.mainText("artifacts");
        Path dir = machine.agents.dir(e);
        e.log("Archiving artifacts");
        List<String> files = Files2.select(dir, patterns);
        if (files.isEmpty()) {
            String what = "No artifacts found that match the file pattern \"" + patterns + "\". Configuration error?";
            if (!e.flag("allowEmptyArchive", false)) throw new AbortException(what);
            e.log(what);
        }
        Files2.copySelected(dir, files, machine.pipeline.home().resolve("archive"));
        e.success(null);
    }

    private Path stashDir(String name) {
        return machine.pipeline.home().resolve("stashes").resolve(name);
    }

    private void stash(Execution e) throws Exception {
        String name = e.mainText("name");
        Path dir = machine.agents.dir(e);
        List<String> files = Files2.select(dir, e.text("includes") == null ? "**" : e.text("includes"));
        if (files.isEmpty() && !e.flag("allowEmpty", false)) throw new AbortException("No files included in stash ‘" + name + "’");
        Files2.deleteTree(stashDir(name));
        Files.createDirectories(stashDir(name));
        Files2.copySelected(dir, files, stashDir(name));
        e.log("Stashed " + files.size() + " file(s)");
        e.success(null);
    }

    private void unstash(Execution e) throws Exception {
        String name = e.mainText("name");
        Path dir = machine.agents.dir(e);
        if (!Files.isDirectory(stashDir(name))) throw new AbortException("No such saved stash ‘" + name + "’");
        Files2.copyTree(stashDir(name), dir);
        e.success(null);
    }
}
