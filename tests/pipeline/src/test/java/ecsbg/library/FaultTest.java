package ecsbg.library;

import ecsbg.library.Faulted.Lasting;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** AWS fails at one call of a whole deployment: in each way, at each call that an undisturbed one makes. */
@Execution(ExecutionMode.CONCURRENT)
class FaultTest {
    private static final Undisturbed WHOLE = Undisturbed.of(Example.SCRIPT);
    @RegisterExtension static final Figures FIGURES = new Figures("pipelines under faults");
    @TempDir Path tmp;

    /** Of `mvn test`: the reply lost of each call that changes something; and each fault in each phase, at one of the calls there. */
    static List<Faulted> once() {
        List<Faulted> all = cases(WHOLE.calls, Lasting.ONCE);
        List<Faulted> always = new ArrayList<>(all.stream().filter(c -> c.call().mutating() && c.fault() == Fault.LOST_REPLY).toList());
        always.addAll(Matrix.oneOfEach(firsts(all), c -> List.of(c.call().phase(), c.fault())));
        return Matrix.chosen(all, always);
    }

    /**
     * At each call that changes something; and of each operation that reads, at its last call before the cleanup, where a wait would go on
     * for long. Of `mvn test`: one fault at each of the former.
     */
    static List<Faulted> lasting() {
        Map<String, Undisturbed.Made> calls = new LinkedHashMap<>();
        for (Undisturbed.Made call : WHOLE.calls) {
            if (call.mutating()) calls.put(call.toString(), call);
            else if (call.phase() != Undisturbed.Phase.CLEANUP) calls.put(call.operation(), call);
        }
        List<Faulted> all = cases(calls.values(), Lasting.UNTIL_SPENT);
        return Matrix.chosen(all, Matrix.oneOfEach(all.stream().filter(c -> c.call().mutating()).toList(), Faulted::call));
    }

    /** How many polls there are is a matter of time, so what is always run is not chosen from the last ones. */
    private static List<Faulted> firsts(List<Faulted> all) {
        return all.stream().filter(c -> !c.call().last()).toList();
    }

    private static List<Faulted> cases(Collection<Undisturbed.Made> calls, Lasting lasting) {
        return cases(WHOLE, calls, lasting);
    }

    private static List<Faulted> cases(Undisturbed of, Collection<Undisturbed.Made> calls, Lasting lasting) {
        List<Faulted> all = new ArrayList<>();
        for (Undisturbed.Made call : calls) {
            for (Fault fault : Fault.of(call.service())) all.add(new Faulted(of, call, fault, lasting));
        }
        return all;
    }

    /** In a canary; of `mvn test`, the reply lost of each call that changes something, and of the rest what does not pass, at one call. */
    static List<Faulted> canary() {
        Undisturbed canary = Undisturbed.of(Example.SCRIPT, CanaryDisturbedTest.STEPS);
        List<Faulted> all = cases(canary, canary.calls.stream().filter(c -> c.action().matches("shift-weights|check-gates|scale-task-set")).toList(), Lasting.ONCE);
        List<Faulted> always = new ArrayList<>(all.stream().filter(c -> c.call().mutating() && c.fault() == Fault.LOST_REPLY).toList());
        always.addAll(Matrix.oneOfEach(all.stream().filter(c -> !c.call().mutating() && !c.fault().passes()).toList(), Faulted::fault));
        return Matrix.chosen(all, always);
    }

    @ParameterizedTest(name = "{0}", allowZeroInvocations = true)
    @MethodSource("once")
    void aFaultIsSurvivedOrTheDeploymentUndone(Faulted c) {
        c.check(tmp);
    }

    @ParameterizedTest(name = "{0}", allowZeroInvocations = true)
    @MethodSource("canary")
    void aFaultInACanaryIsSurvivedOrTheTrafficGoesBack(Faulted c) {
        c.check(tmp);
    }

    @ParameterizedTest(name = "{0}", allowZeroInvocations = true)
    @MethodSource("lasting")
    void aFaultThatLastsEndsTheBuildAndTheNextOneIsWell(Faulted c) {
        c.check(tmp);
    }
}
