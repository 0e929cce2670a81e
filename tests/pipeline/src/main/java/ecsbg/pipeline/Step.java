package ecsbg.pipeline;

/** A step's implementation: it ends by the execution's success or failure, at once or later. What it throws is its failure. */
@FunctionalInterface
public interface Step {
    void start(Execution e) throws Exception;
}
