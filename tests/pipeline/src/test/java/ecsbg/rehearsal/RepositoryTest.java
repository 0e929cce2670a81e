package ecsbg.rehearsal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a build of a rehearsal checks out. */
class RepositoryTest {
    @TempDir Path tmp;
    private Path team;

    @BeforeEach
    void files() throws Exception {
        team = Files.createDirectories(tmp.resolve("whole/team"));
        Files.writeString(team.resolve("Jenkinsfile"), "1");
        Files.writeString(team.resolve("secret"), "1");
        Files.writeString(team.resolve(".gitignore"), "secret\n");
    }

    private static String git(Path dir, String... arguments) throws Exception {
        String[] all = new String[arguments.length + 7];
        System.arraycopy(new String[] {"git", "-C", dir.toString(), "-c", "user.name=A", "-c", "user.email=a@example.com"}, 0, all, 0, 7);
        System.arraycopy(arguments, 0, all, 7, arguments.length);
        return Repository.output(List.of(all));
    }

    private Repository copied() throws Exception {
        return Repository.copied(team, tmp.resolve("copy"));
    }

    @Test
    void aRepositoryComesWithItsHistoryAndWhatIsNotCommittedButNotWithWhatIsIgnored() throws Exception {
        git(team, "init", "--quiet");
        git(team, "add", "--all");
        git(team, "commit", "--quiet", "--message", "A");
        Files.writeString(team.resolve("Jenkinsfile"), "2");
        Files.writeString(team.resolve("new"), "");
        Repository copy = copied();
        assertEquals(git(team, "rev-parse", "HEAD"), copy.commit());
        assertEquals("2", Files.readString(copy.dir().resolve("Jenkinsfile")));
        assertTrue(Files.exists(copy.dir().resolve("new")));
        assertFalse(Files.exists(copy.dir().resolve("secret")));
    }

    @Test
    void whatIsUnderNoGitOrHasNoCommitOrIsAPartOfMoreHasACommitOfItsOwn() throws Exception {
        assertTrue(copied().commit().matches("[0-9a-f]{40}"));
        git(team, "init", "--quiet");
        assertTrue(Repository.copied(team, tmp.resolve("new")).commit().matches("[0-9a-f]{40}"));
        git(team.getParent(), "init", "--quiet");
        git(team.getParent(), "add", "--all");
        git(team.getParent(), "commit", "--quiet", "--message", "A");
        Repository part = Repository.copied(team, tmp.resolve("part"));
        assertTrue(Files.exists(part.dir().resolve("Jenkinsfile")));
        assertFalse(part.commit().equals(git(team.getParent(), "rev-parse", "HEAD")));
    }
}
