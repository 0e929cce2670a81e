package ecsbg.pipeline;

import java.io.Serializable;
import java.util.Map;

/** What a symbol such as `choice(name: …, choices: …)` makes: a name and arguments, for the step that is given it. */
public record Describable(String symbol, Map<String, Object> args) implements Serializable {
    public String name() {
        return String.valueOf(args.get("name"));
    }
}
