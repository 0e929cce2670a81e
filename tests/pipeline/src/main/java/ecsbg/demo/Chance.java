package ecsbg.demo;

/** What chance may do where each request is one version's with the same probability. */
final class Chance {
    /** What is less likely is no chance: so rarely does it deny what is right. */
    private static final double NEVER = 1e-7;

    private Chance() {}

    /** Whether `hits` of `tries` are not too few and not too many where each is a hit with that probability. */
    static boolean explains(int hits, int tries, double probability) {
        return sum(0, hits, tries, probability) > NEVER && sum(hits, tries, tries, probability) > NEVER;
    }

    /** The binomial distribution from one number of hits to another, both counted. */
    private static double sum(int from, int to, int tries, double probability) {
        double sum = 0;
        double logOdds = Math.log(probability / (1 - probability));
        double log = tries * Math.log(1 - probability);
        for (int k = 0; k <= to; k++) {
            if (k >= from) sum += Math.exp(log);
            log += Math.log((double) (tries - k) / (k + 1)) + logOdds;
        }
        return sum;
    }
}
