package ecsbg.rehearsal;

import ecsbg.aws.Json;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What became of one service in a rehearsal.
 *
 * @param build how the build ended @param outcome what the deployment's own report says; null: there is none
 * @param state and @param sets of the service at the end @param moved whether live traffic ever moved
 * @param errorsJudged whether a gate on errors decides, and so of latency
 * @param promoting whether the promotion of the new version was begun, after which nothing is rolled back
 * @param happened whether what the scenario has at a step has happened
 */
record Seen(String build, String outcome, Live live, String state, int sets, boolean moved, Requests requests,
        boolean errorsJudged, boolean latencyJudged, boolean promoting, boolean happened) {
    /** Which version has the live traffic. */
    enum Live {
        OLD("the old version"), NEW("the new version"), NOTHING("no version");

        final String words;

        Live(String words) {
            this.words = words;
        }
    }

    /** @param versions how many each has answered @param failedBeside how many failed otherwise than by an answer of the new version */
    record Requests(int sent, int failed, Map<String, Integer> versions, int failedBeside) {
        /** @param counted by the load generator @param old what the old version calls itself */
        static Requests of(Map<String, Object> counted, String old) {
            int byNew = Json.numbers(counted, "failedVersions").entrySet().stream().filter(of -> !of.getKey().equals(old)).mapToInt(Map.Entry::getValue).sum();
            int failed = Json.number(counted, "failed");
            return new Requests(Json.number(counted, "requests"), failed, new TreeMap<>(Json.numbers(counted, "versions")), failed - byNew);
        }

        @Override
        public String toString() {
            String by = versions.entrySet().stream().map(of -> of.getValue() + " by " + shortened(of.getKey())).collect(Collectors.joining(", "));
            return sent + " requests, " + failed + " failed" + (by.isEmpty() ? "" : "; answered: " + by);
        }

        /** Of a commit's hash its beginning is enough. */
        private static String shortened(String version) {
            return version.matches("[0-9a-f]{40}") ? version.substring(0, 8) : version;
        }
    }
}
