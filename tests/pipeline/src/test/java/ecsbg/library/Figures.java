package ecsbg.library;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A class's last word: how many cases there were, and how many of them failed. */
final class Figures implements AfterEachCallback, AfterAllCallback {
    private final String what;
    private final AtomicInteger cases = new AtomicInteger();
    private final AtomicInteger failed = new AtomicInteger();

    Figures(String what) {
        this.what = what;
    }

    @Override
    public void afterEach(ExtensionContext c) {
        cases.incrementAndGet();
        c.getExecutionException().ifPresent(x -> {
            failed.incrementAndGet();
            // Maven tells of it when all of the class have run, which may take an hour
            System.out.println("FAILED " + String.valueOf(x.getMessage()).lines().findFirst().orElse(""));
        });
    }

    @Override
    public void afterAll(ExtensionContext c) {
        System.out.println(what + ": " + cases + " cases, " + failed + " failed");
        if (cases.get() == 0) throw new AssertionError(what + ": no case has this name");
    }
}
