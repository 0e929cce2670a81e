package ecsbg.rehearsal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ecsbg.pipeline.Approver;
import ecsbg.pipeline.Describable;
import ecsbg.pipeline.Run;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** How the questions of a pipeline are answered. */
class AnswersTest {
    private static final Answers APPROVE = new Answers("approve", null, "Keep");

    private static Run.Input question(String message, String submitter, String... choices) {
        Run.Input question = new Run.Input();
        question.message = message;
        question.submitter = submitter;
        if (choices.length > 0) question.parameters = List.of(new Describable("choice", Map.of("name", "ACTION", "choices", List.of(choices))));
        return question;
    }

    @Test
    void whoAnswersIsSomebodyWhoMay() {
        assertEquals("rehearsal", APPROVE.answer(question("Swap?", null)).user());
        assertEquals("ops", APPROVE.answer(question("Swap?", "ops, admins")).user());
        assertEquals("admins", new Answers("approve", "admins", "Keep").answer(question("Swap?", "ops,admins")).user());
        assertThrows(IllegalArgumentException.class, () -> new Answers("approve", "alice", "Keep").answer(question("Swap?", "ops")));
    }

    @Test
    void theCleanupIsAsAskedForAndAFailedGateIsBelieved() {
        String[] cleanup = {"Delete", "Keep", "Roll back"};
        String[] gates = {"Wait again", "Go on", "Roll back"};
        assertEquals(Map.of("ACTION", "Keep"), APPROVE.answer(question("Delete the previous one?", null, cleanup)).values());
        assertEquals(Map.of("ACTION", "Roll back"), APPROVE.answer(question("web: canary 1/3: a gate failed. Go on all the same?", null, gates)).values());
        assertEquals(Map.of("ACTION", "Go on"), APPROVE.answer(question("web: canary 1/3: the gates cannot tell. Go on all the same?", null, gates)).values());
    }

    @Test
    void rejectedIsRejected() {
        Approver.Answer answer = new Answers("reject", null, "Delete").answer(question("Swap?", null));
        assertFalse(answer.approved());
    }
}
