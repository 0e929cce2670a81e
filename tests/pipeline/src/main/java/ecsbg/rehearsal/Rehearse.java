package ecsbg.rehearsal;

import ecsbg.aws.Program;
import ecsbg.demo.Tables;
import ecsbg.pipeline.Pipeline;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** `make rehearse`: a team's own Jenkinsfile against the stand-in for AWS, in each scenario; 0 only if all of them ended as they should. */
public final class Rehearse {
    private static final int USAGE = 2;

    private Rehearse() {}

    /** @param args this checkout, and the ecs-bg to use; what is asked for is in the environment, as make hands it on */
    public static void main(String[] args) throws Exception {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        Path root = Path.of(args[0]).toAbsolutePath();
        try {
            System.exit(run(Options.of(System.getenv(), root), new Program(Path.of(args[1]).toAbsolutePath()), out) ? 0 : 1);
        } catch (Wrong x) {
            System.err.println("make rehearse: " + x.getMessage());
            System.exit(USAGE);
        }
    }

    static boolean run(Options options, Program program, PrintStream out) throws Exception {
        OwnSteps ownSteps = OwnSteps.read(options.steps());
        UnknownSteps unknown = unknown(options, ownSteps);
        Path home = Files.createTempDirectory(Files.createDirectories(options.root().resolve("target/rehearsal")), "run-");
        List<Rehearsal.Told> all = new ArrayList<>();
        for (Scenario scenario : options.scenarios()) {
            Tables.heading(out, scenario + ": " + scenario.kind().meaning);
            Path own = home.resolve((all.size() + 1) + "-" + scenario.toString().replaceAll("[^\\w@-]", "_"));
            all.add(new Rehearsal(options, scenario, ownSteps, program, own, out).run(unknown));
        }
        Tables.heading(out, "Summary of " + options.jenkinsfile());
        for (Rehearsal.Told told : all) {
            out.println((told.held() ? "✓ " : "✗ ") + told.scenario());
            told.lines().forEach(line -> out.println("  " + line));
        }
        return all.stream().allMatch(Rehearsal.Told::held);
    }

    private static UnknownSteps unknown(Options options, OwnSteps ownSteps) throws Exception {
        String name = options.jenkinsfile().getFileName().toString();
        Jenkinsfile script = Jenkinsfile.read(name, Files.readString(options.jenkinsfile()));
        Pipeline all = Pipeline.of("").library(options.root().resolve("vars"), options.root().resolve("resources"));
        ownSteps.addTo(all);
        UnknownSteps unknown = UnknownSteps.of(script, all.names(), ownSteps.names());
        unknown.refuse(name);
        return unknown;
    }
}
