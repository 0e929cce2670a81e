package ecsbg.demo;

import ecsbg.pipeline.Run;

/**
 * Whether what the users of one build saw is what the load balancer counted meanwhile, to the last request.
 *
 * @param smoke answers that smoke.sh had from the test listener, beside the users @param smokeSeconds how long it took
 */
record Balance(Requests requests, Counted counted, Version old, Version fresh, int smoke, double smokeSeconds) {
    static Balance of(Run run, Requests requests, Counted counted, Version old, Version fresh) {
        int smoke = (int) run.log.stream().filter(l -> l.startsWith("smoke: /")).count();
        double seconds = run.steps("sh").stream().filter(s -> "smoke".equals(s.label)).mapToLong(s -> s.real).sum() / 1000.0;
        return new Balance(requests, counted, old, fresh, smoke, seconds);
    }

    boolean isEven() {
        return counted.own() == 0 && counted.failed(old) == requests.failedOf(old) && counted.well(old) == requests.wellOf(old)
            && counted.well(fresh) == requests.wellOf(fresh) + smoke && again() >= 0 && again() <= smokeSeconds
            && requests.sent() == requests.of(old) + requests.of(fresh);
    }

    /** Of smoke.sh, answers that made curl try again: it waits a second before each. */
    private int again() {
        return counted.failed(fresh) - requests.failedOf(fresh);
    }

    String words() {
        int ofSmoke = smoke + again();
        int all = counted.own() + counted.well(old) + counted.failed(old) + counted.well(fresh) + counted.failed(fresh);
        return (isEven() ? "the load balancer counted the same: " : "the load balancer counted otherwise: ") + (all - ofSmoke) + " requests"
            + (ofSmoke == 0 ? "" : ", and " + ofSmoke + " of smoke.sh");
    }
}
