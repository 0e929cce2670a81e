package ecsbg.rehearsal;

import ecsbg.aws.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Where a deployment goes, as its resolved settings name it. What they leave to AWS is made up. */
record Places(String account, String region, String cluster, String service, String repository,
        Map<String, String> groups, Map<String, List<String>> listeners, List<String> alarms) {
    /** The account that AWS's documentation has for examples. */
    private static final String SOME_ACCOUNT = "111122223333";
    private static final Pattern ECR = Pattern.compile("(\\d{12})\\.dkr\\.ecr\\.([a-z0-9-]+)\\.amazonaws\\.com(?:\\.cn)?/([^:@]+)(?::([^@]+))?.*");

    /** An image of ECR, taken apart. `tag`: null where it is named by its digest alone. */
    record Image(String account, String region, String repository, String tag, String reference) {
        /** Null for what is none of ECR's. */
        static Image of(Object reference) {
            Matcher m = ECR.matcher(String.valueOf(reference));
            return m.matches() ? new Image(m.group(1), m.group(2), m.group(3), m.group(4), m.group()) : null;
        }
    }

    /** Of all containers, as far as they are in ECR. */
    static List<Image> images(Map<String, Object> settings) {
        Stream<?> named = settings.get("images") instanceof Map<?, ?> map ? map.values().stream() : Stream.of();
        return Stream.concat(Stream.of(String.valueOf(settings.get("image"))), named).map(Image::of).filter(Objects::nonNull).toList();
    }

    /** What names the images of an earlier version, where these settings name those of one. */
    Map<String, Object> earlier(Map<String, Object> settings, String tag) {
        Map<String, Object> all = new LinkedHashMap<>();
        if (settings.get("images") instanceof Map<?, ?> named) {
            Map<String, Object> images = new LinkedHashMap<>();
            named.forEach((container, image) -> images.put(String.valueOf(container), tagged(String.valueOf(image), tag)));
            all.put("images", images);
        } else if (settings.get("image") != null) {
            all.put("image", tagged(settings.get("image").toString(), tag));
        } else if (settings.get("repository") != null) {
            all.put("image", account + ".dkr.ecr." + region + ".amazonaws.com/" + repository + ":" + tag);
        }
        return all;
    }

    /** A colon before the last slash is a registry's port. */
    private static String tagged(String image, String tag) {
        String name = image.replaceFirst("@.*", "");
        int colon = name.indexOf(':', name.lastIndexOf('/') + 1);
        return (colon < 0 ? name : name.substring(0, colon)) + ":" + tag;
    }

    static Places of(Map<String, Object> settings) {
        String cluster = tail(settings.get("cluster"));
        String service = tail(settings.get("service"));
        String region = Json.text(settings, "region");
        String account = account(settings);
        String balancing = "arn:aws:elasticloadbalancing:" + region + ":" + account + ":";
        Map<String, String> groups = new LinkedHashMap<>();
        for (String colour : List.of("blue", "green")) {
            String named = Json.text(settings, "targetGroups." + colour);
            groups.put(colour, named != null ? named : balancing + "targetgroup/" + cut(service, 26) + "-" + colour + "/00000000000000" + (colour.equals("blue") ? "b1" : "9e"));
        }
        String listener = balancing + "listener/app/" + cut(service, 32) + "/0000000000000001/000000000000000";
        Map<String, List<String>> listeners = new LinkedHashMap<>();
        List<String> live = Json.texts(settings, "listeners.live");
        listeners.put("live", live.isEmpty() ? List.of(listener + "1") : live);
        // none named: either the service has none, or AWS is asked; nothing tells which
        listeners.put("test", live.isEmpty() ? List.of(listener + "2") : Json.texts(settings, "listeners.test"));
        Image image = Image.of(settings.get("image"));
        String repository = Json.text(settings, "repository");
        return new Places(account, region, cluster, service, repository != null ? repository : image != null ? image.repository() : service,
            groups, listeners, Json.texts(settings, "gates.alarms"));
    }

    /** Whether there is a service to make a world for, or only a registry, as for a build of an image. */
    boolean hasService() {
        return cluster != null && service != null;
    }

    /** What tells two of them apart. */
    String key() {
        return String.join("/", account, String.valueOf(region), String.valueOf(cluster), String.valueOf(service));
    }

    /** For the stand-in. @param running whether it begins with a version of its own making */
    Map<String, Object> fixture(String health, String tag, Map<String, Object> settings, boolean running) {
        Map<String, Object> spec = new LinkedHashMap<>();
        spec.putAll(Map.of("name", service, "cluster", cluster, "region", region, "repository", repository, "tag", tag, "healthPath", health));
        spec.putAll(Map.of("traffic", true, "blue", running, "revisions", running ? 1 : 0));
        spec.put("places", Map.of("targetGroups", groups, "listeners", listeners));
        spec.put("alarms", alarms.stream().map(name -> Map.of("name", name, "state", "OK")).toList());
        if (settings.get("containerPort") instanceof Number port) spec.put("containerPort", port);
        return spec;
    }

    private static String account(Map<String, Object> settings) {
        Stream<Object> named = Stream.of(settings.get("roleArn"), settings.get("cluster"), settings.get("service"), Json.at(settings, "targetGroups.blue"));
        Stream<Object> listeners = Json.texts(settings, "listeners.live").stream().map(Object.class::cast);
        Image image = Image.of(settings.get("image"));
        return Stream.of(Stream.of(settings.get("accountId")), Stream.concat(named, listeners).map(Places::accountOfArn), Stream.of(image == null ? null : image.account()))
            .flatMap(all -> all).filter(Objects::nonNull).map(String::valueOf).findFirst().orElse(SOME_ACCOUNT);
    }

    private static Object accountOfArn(Object given) {
        String[] parts = String.valueOf(given).split(":", 6);
        return parts.length == 6 && parts[0].equals("arn") && parts[4].matches("\\d{12}") ? parts[4] : null;
    }

    private static String tail(Object given) {
        return given == null ? null : given.toString().substring(given.toString().lastIndexOf('/') + 1);
    }

    private static String cut(String text, int most) {
        return text == null || text.length() <= most ? text : text.substring(0, most);
    }
}
