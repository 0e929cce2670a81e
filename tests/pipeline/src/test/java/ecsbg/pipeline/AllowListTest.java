package ecsbg.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** Runs after all others, since it is isolated: what none of them used has no place in the list. */
@Isolated
class AllowListTest {
    @Test
    void theListHoldsNothingThatIsNotUsed() {
        assumeTrue(System.getProperty("test") == null, "only a whole run uses everything");
        assertEquals(Set.of(), AllowList.unused());
    }
}
