package ecsbg.rehearsal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Where a deployment goes, by its settings. */
class PlacesTest {
    private static final String ELB = "arn:aws:elasticloadbalancing:eu-west-1:222233334444:";
    private static final Map<String, Object> SETTINGS = Map.of(
        "region", "eu-west-1", "cluster", "arn:aws:ecs:eu-west-1:222233334444:cluster/prod", "service", "web",
        "targetGroups", Map.of("blue", ELB + "targetgroup/b/1", "green", ELB + "targetgroup/g/2"),
        "listeners", Map.of("live", List.of(ELB + "listener/app/web/3/4", ELB + "listener/app/web/3/5"), "test", ELB + "listener/app/web/3/6"),
        "image", "222233334444.dkr.ecr.eu-west-1.amazonaws.com/shop/web:1f3c", "gates", Map.of("alarms", List.of("web-5xx")));

    @Test
    void theyAreAsTheyAreNamed() {
        Places places = Places.of(SETTINGS);
        assertEquals("222233334444/eu-west-1/prod/web", places.key());
        assertEquals(Map.of("blue", ELB + "targetgroup/b/1", "green", ELB + "targetgroup/g/2"), places.groups());
        assertEquals(Map.of("live", List.of(ELB + "listener/app/web/3/4", ELB + "listener/app/web/3/5"), "test", List.of(ELB + "listener/app/web/3/6")), places.listeners());
        assertEquals("shop/web", places.repository());
        assertEquals(List.of(Map.of("name", "web-5xx", "state", "OK")), places.fixture("/", "before", SETTINGS, false).get("alarms"));
    }

    @Test
    void theAccountIsTheOneThatIsGivenBeforeAnyOfAnArn() {
        assertEquals("555566667777", Places.of(with("accountId", "555566667777")).account());
        assertEquals("555566667777", Places.of(with("roleArn", "arn:aws:iam::555566667777:role/deploy")).account());
        assertEquals("111122223333", Places.of(Map.of("region", "eu-west-1", "cluster", "prod", "service", "web")).account());
    }

    @Test
    void withoutAServiceThereIsOnlyARegistry() {
        assertFalse(Places.of(Map.of("region", "eu-west-1", "repository", "web")).hasService());
    }

    @Test
    void anEarlierVersionHasTheSameImagesUnderAnotherTag() {
        Places places = Places.of(SETTINGS);
        String registry = "222233334444.dkr.ecr.eu-west-1.amazonaws.com/";
        assertEquals(Map.of("image", registry + "shop/web:before"), places.earlier(SETTINGS, "before"));
        assertEquals(Map.of("image", "localhost:5000/web:before"), places.earlier(Map.of("image", "localhost:5000/web@sha256:00"), "before"));
        assertEquals(Map.of("images", Map.of("web", "web:before")), places.earlier(Map.of("images", Map.of("web", "web:2")), "before"));
        assertEquals(Map.of("image", registry + "shop/web:before"), places.earlier(Map.of("repository", "web"), "before"));
        assertEquals(Map.of(), places.earlier(Map.of(), "before"));
    }

    private static Map<String, Object> with(String key, Object value) {
        Map<String, Object> all = new HashMap<>(SETTINGS);
        all.put(key, value);
        return all;
    }
}
