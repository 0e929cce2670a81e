package ecsbg.library;

import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** What AWS, or what is on the way to it, does to a call. */
enum Fault {
    THROTTLED("throttle", "throttled"),
    /** In the newer of the two codes that the load balancer's API has for it. */
    THROTTLED_NEW("throttle-new", "throttled"),
    ERROR_500("500", "unavailable"),
    ERROR_503("503", "unavailable"),
    REFUSED("refused", "unreachable"),
    RESET_BEFORE("reset-before", "unreachable"),
    LOST_REPLY("lost-reply", "unreachable"),
    LATE("delay", "unreachable"),
    TRUNCATED("truncate", "bad-reply"),
    HTML("html", "bad-reply"),
    EXPIRED("expired", "credentials-expired");

    /** How late a reply is, and the attempt's timeout there; elsewhere the default: a busy machine is no fault. */
    private static final double LATE_SECONDS = 2.2;
    private static final String ATTEMPT = "attemptTimeout: 1500ms";

    /** As the stand-in calls it. */
    final String kind;
    /** As the program calls it, where it is the end of an action. */
    final String code;

    Fault(String kind, String code) {
        this.kind = kind;
        this.code = code;
    }

    /** All that can happen to a call of this service. */
    static List<Fault> of(String service) {
        return Arrays.stream(values()).filter(f -> f != THROTTLED_NEW || service.equals("elasticloadbalancing")).toList();
    }

    /** Whether another attempt helps. Expired credentials stay so, and who answers with a page is not AWS. */
    boolean passes() {
        return this != HTML && this != EXPIRED;
    }

    /** The order for the stand-in. */
    Map<String, Object> order(String operation, int nth, int times) {
        return Map.of("operation", operation, "nth", nth, "times", times, "kind", kind, "seconds", LATE_SECONDS);
    }

    /** What the team's settings need for it to be one. */
    String[] settings() {
        return this == LATE ? new String[] {ATTEMPT} : new String[0];
    }
}
