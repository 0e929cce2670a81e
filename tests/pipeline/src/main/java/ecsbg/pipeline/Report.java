package ecsbg.pipeline;

import groovy.json.JsonOutput;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A run as JSON, for whatever wants to check or show it outside Java. */
final class Report {
    private Report() {}

    static String json(Run r) {
        Map<String, Object> m = new LinkedHashMap<>();
        m.put("result", r.result);
        m.put("description", r.description);
        m.put("failure", r.failure == null ? null : Errors.brief(r.failure));
        m.put("realMillis", r.realMillis);
        m.put("woundMillis", r.woundMillis);
        m.put("saves", r.saves);
        m.put("refusals", r.refusals);
        m.put("mismatches", r.mismatches);
        m.put("permitted", new ArrayList<>(r.permitted));
        List<Object> steps = new ArrayList<>();
        for (Run.Step s : r.steps) {
            Map<String, Object> o = new LinkedHashMap<>();
            o.put("number", s.number);
            o.put("name", s.name);
            o.put("label", s.label);
            o.put("stages", s.stages);
            o.put("branch", s.branch);
            o.put("agent", s.agent);
            o.put("started", s.started);
            o.put("ended", s.ended);
            o.put("real", s.real);
            o.put("outcome", s.outcome);
            steps.add(o);
        }
        m.put("steps", steps);
        List<Object> stages = new ArrayList<>();
        for (Run.Stage s : r.stages) {
            Map<String, Object> o = new LinkedHashMap<>();
            o.put("name", s.name);
            o.put("branch", s.branch);
            o.put("started", s.started);
            o.put("ended", s.ended);
            o.put("real", s.real);
            o.put("outcome", s.outcome);
            stages.add(o);
        }
        m.put("stages", stages);
        List<Object> inputs = new ArrayList<>();
        for (Run.Input i : r.inputs) {
            Map<String, Object> o = new LinkedHashMap<>();
            o.put("id", i.id);
            o.put("message", i.message);
            List<Object> parameters = new ArrayList<>();
            for (Describable d : i.parameters) {
                Map<String, Object> shown = new LinkedHashMap<>(d.args());
                shown.put("type", d.symbol());
                parameters.add(shown);
            }
            o.put("parameters", parameters);
            o.put("buildDescription", i.buildDescription);
            o.put("submitter", i.submitter);
            o.put("answer", i.answer);
            o.put("held", i.held);
            inputs.add(o);
        }
        m.put("inputs", inputs);
        m.put("archive", r.archive.toString());
        m.put("archived", r.archived);
        return JsonOutput.prettyPrint(JsonOutput.toJson(m));
    }
}
