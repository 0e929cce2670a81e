package ecsbg.demo;

import ecsbg.aws.Json;
import ecsbg.pipeline.Run;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Everything that is known about one build afterwards.
 *
 * @param report what it archived @param before what `ecs-bg status` said before it @param after and after it
 * @param live the version that had the traffic before @param weights those of the new version
 */
record Seen(Deployment deployment, Run run, Map<String, Object> report, Map<String, Object> before, Map<String, Object> after,
        List<Map<String, Object>> history, Version live, Version fresh, Requests requests, Weights weights, Balance balance) {
    boolean isAsBefore(String what) {
        return Objects.equals(Json.at(before, "result." + what), Json.at(after, "result." + what));
    }
}
