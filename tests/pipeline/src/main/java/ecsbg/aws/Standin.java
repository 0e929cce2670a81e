package ecsbg.aws;

import groovy.json.JsonOutput;
import groovy.json.JsonSlurper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The stand-in for AWS, as a process of its own that ends with this one; its control calls are described in tests/aws/README.md. */
public final class Standin implements AutoCloseable {
    private final Process process;
    public final String url;

    private Standin(Process process, String url) {
        this.process = process;
        this.url = url;
    }

    /** @param tests the directory tests/aws of this checkout */
    public static Standin start(Path tests, String mode) {
        try {
            Process p = new ProcessBuilder(tests.resolve("serve").toString(), "--mode", mode)
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
            // not closed: what it prints later goes nowhere, and it ends when its standard input does
            String line = new BufferedReader(new InputStreamReader(p.getInputStream(), StandardCharsets.UTF_8)).readLine();
            if (line == null) throw new IllegalStateException("the stand-in for AWS did not start: see above");
            return new Standin(p, Json.text(Json.read(line), "url"));
        } catch (IOException x) {
            throw new UncheckedIOException(x);
        }
    }

    /** An account of its own, which sees nothing of others. */
    public Account account() {
        return new Account(this, call("POST", "accounts", Map.of()));
    }

    /** The account of this id. */
    public Account account(String id) {
        return new Account(this, call("POST", "accounts", Map.of("accountId", id)));
    }

    @Override
    public void close() {
        process.destroy();
    }

    @SuppressWarnings("unchecked")
    private <T> T call(String method, String path, Object body) {
        try {
            HttpURLConnection c = (HttpURLConnection) new URL(url + "/standin/" + path).openConnection();
            c.setRequestMethod(method);
            if (body != null) {
                c.setDoOutput(true);
                c.getOutputStream().write(JsonOutput.toJson(body).getBytes(StandardCharsets.UTF_8));
            }
            try (InputStream in = c.getResponseCode() < 400 ? c.getInputStream() : c.getErrorStream()) {
                String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
                if (c.getResponseCode() >= 400) throw new IllegalStateException("the stand-in refused " + method + " " + path + ": " + text);
                return (T) new JsonSlurper().parseText(text);
            }
        } catch (IOException x) {
            throw new UncheckedIOException(x);
        }
    }

    /** One account, with what was made in it. */
    public static final class Account {
        private final Standin standin;
        public final String id;
        /** What a caller of this account has in its environment. */
        public final Map<String, String> environment = new LinkedHashMap<>();

        private Account(Standin standin, Map<String, String> made) {
            this.standin = standin;
            id = made.get("accountId");
            environment.put("AWS_ENDPOINT_URL", standin.url);
            environment.putAll(variables(made));
        }

        private static Map<String, String> variables(Map<String, String> keys) {
            return Map.of("AWS_ACCESS_KEY_ID", keys.get("accessKeyId"), "AWS_SECRET_ACCESS_KEY", keys.get("secretAccessKey"), "AWS_SESSION_TOKEN", keys.get("sessionToken"));
        }

        /** New keys of the account's identity, as variables of the environment. */
        public Map<String, String> newKeys() {
            return variables(standin.call("POST", id + "/keys", null));
        }

        /** The keys that were made so far end, as an hour ends a session's. */
        public void endKeys() {
            standin.call("DELETE", id + "/keys", null);
        }

        public Map<String, Object> fixture(Map<String, ?> spec) {
            return standin.call("POST", id + "/fixture", spec);
        }

        public void knobs(Map<String, ?> knobs) {
            standin.call("POST", id + "/knobs", knobs);
        }

        public List<Map<String, Object>> calls() {
            return standin.call("GET", id + "/calls", null);
        }

        public List<Map<String, Object>> history() {
            return standin.call("GET", id + "/history", null);
        }

        /** An image under each tag, as a push would leave it. */
        public void images(String repository, String... tags) {
            standin.call("POST", id + "/images", Map.of("repository", repository, "tags", List.of(tags)));
        }

        /** The same in a repository that is made where it is not there; without tags, only that. */
        public void registry(String repository, String region, String... tags) {
            standin.call("POST", id + "/images", Map.of("repository", repository, "region", region, "tags", List.of(tags), "create", true));
        }

        public void faults(List<? extends Map<String, ?>> faults) {
            standin.call("POST", id + "/faults", faults);
        }

        public void fault(Map<String, ?> fault) {
            faults(List.of(fault));
        }

        public void clearFaults() {
            standin.call("DELETE", id + "/faults", null);
        }

        /** At that call, before or after it is applied, the file appears; it is held until FILE.go does. */
        public void hook(String operation, int nth, String when, Path file) {
            standin.call("POST", id + "/hooks", List.of(Map.of("operation", operation, "nth", nth, "when", when, "file", file.toString())));
        }

        /** Of what happens by itself: `stop`, `unhealthy` or `healthy` for the tasks of a set. */
        public void tasks(String taskSet, String action) {
            standin.call("POST", id + "/tasks", Map.of("taskSet", taskSet, "action", action));
        }

        /** Auto scaling gives the service of this set another desired count. */
        public void scale(String taskSet, int desired) {
            standin.call("POST", id + "/tasks", Map.of("taskSet", taskSet, "action", "scale", "count", desired));
        }

        /** A CloudWatch alarm, made where it is not there, has this state from now on. */
        public void alarm(String name, String state) {
            standin.call("POST", id + "/alarms", List.of(Map.of("name", name, "state", state)));
        }

        /** What CloudWatch has of the load balancer: `series`, `model`, `statuses`. */
        public void metrics(Map<String, ?> metrics) {
            standin.call("POST", id + "/metrics", metrics);
        }

        /** What its load balancers counted, where there is traffic: a row for each second and group. */
        public List<Map<String, Object>> counts() {
            Map<String, List<Map<String, Object>>> traffic = standin.call("GET", id + "/traffic", null);
            return traffic.get("counts");
        }

        /** Winds this account's clock on. */
        public void advance(double seconds) {
            standin.call("POST", id + "/clock", Map.of("advance", seconds));
        }

        /** Calls and history begin afresh. */
        public void forget() {
            standin.call("DELETE", id + "/calls", null);
            standin.call("DELETE", id + "/history", null);
        }
    }
}
