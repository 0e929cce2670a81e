/**
 * The steps of a canary, for blueGreenDeploy: a part of the live traffic, a bake that is watched, a question where one is wanted.
 *
 * How far it is, only the weights tell. Somebody may move them forward by hand: then it goes on at the step that fits, or, where
 * all traffic is on the new version, with the swap. A build that is run again goes on in the same way.
 */
void call(Map d) {
    List steps = steps(d)
    int at = d.checks.canary.at ?: 0
    Map part = [weight: d.checks.canary.share ?: 0, since: null]
    d.report.phase = 'canary'
    d.report.live = null   // some of both: not known again before the swap, or the rollback, has answered
    d.report.canary = [step: null, steps: []]
    while (at < steps.size()) {
        String place = "${at + 1}/${steps.size()}".toString()
        d.report.canary.step = place
        Map end = step(d, steps[at], place, part)
        at = end.ahead ? fitting(steps, end.weight) : at + 1
        part = [weight: end.weight, since: end.lookedAt]
        if (end.ahead) {
            echo "ecs-bg: ${d.report.service}: somebody gave it ${tenths(end.weight)} % of the live traffic: going on with " +
                (at < steps.size() ? "canary ${at + 1}/${steps.size()}" : 'the swap')
        }
    }
}

/** None for a first version: there is nothing that could serve the rest. */
List steps(Map d) {
    return d.checks.canary && !d.checks.canary.skipped ? d.settings.canary ?: [] : []
}

/** Whether this very deployment has a part of the live traffic already. */
boolean isUnderWay(Map d) {
    return steps(d) && d.checks.canary.at != null
}

/** What its creation has to know: the scale of the first step; and the steps, which a tag shows to whoever looks at it. */
Map beginning(Map d) {
    List steps = steps(d)
    if (!steps) return [:]
    List shown = []
    for (Map step in steps) shown.add([weight: step.weight, bake: step.bake])
    d.scale = steps[0].scale
    return [scale: d.scale, canary: shown]
}

/** All its tasks, steady, where some of its steps had fewer. */
void whole(Map d) {
    raise(d, full(d))
}

private Object full(Map d) {
    return d.settings.scale == null ? 100 : d.settings.scale
}

/** A scale never falls: tasks that serve would go. */
private void raise(Map d, Object scale) {
    if (d.scale == null || d.scale >= scale) return
    ecsBgWork.act(d, 'scale-task-set', [scale: scale])
    ecsBgWork.act(d, 'wait-stable')
    d.scale = scale
}

/** One step, on top of the part of the traffic that the version has. Its last look. */
private Map step(Map d, Map step, String place, Map part) {
    // what somebody gave it by hand beyond the step stays: in tenths, as weights are written
    boolean more = part.weight > step.weight
    Object weight = more ? tenths(part.weight) : step.weight
    Object scale = more ? full(d) : step.scale
    Map entry = [
        weight: weight, scale: scale, bake: step.bake, movedAt: null, weights: [], approver: null, note: null, seconds: null
    ]
    d.report.canary.steps.add(entry)
    Map watch = [name: "canary ${place}".toString(), step: place, weight: weight, bake: step.bake, since: null, told: entry, options: step.approve]
    Map end = [:]
    long began = System.currentTimeMillis()
    try {
        ecsBgWork.inStage(d, "${watch.name} (${weight} %)") {
            ecsBgUndo.stretch(d) { shift(d, watch, scale, part) }
            end = ecsBgGates(d, watch)
            if (step.approve && !end.ahead) end = approve(d, step, watch, end)
        }
    } finally {
        entry.seconds = (System.currentTimeMillis() - began).intdiv(10) / 100
    }
    return end
}

private void shift(Map d, Map watch, Object scale, Map part) {
    raise(d, scale)
    Map moved = ecsBgWork.act(d, 'shift-weights', [weight: watch.weight])
    watch.since = moved.movedAt ?: part.since ?: ecsBgGates.now()
    if (d.firstShift == null) d.firstShift = watch.since
    watch.told.putAll([movedAt: watch.since, weights: moved.after.weights])
    ecsBgReport.weights(d, moved.after.weights, 'shift-weights')
    echo "ecs-bg: ${d.report.service}: ${watch.name}: ${watch.weight} % of the live traffic since ${watch.since}, watched for ${watch.bake} s"
}

/** Somebody goes on, and what happened meanwhile is looked at. */
private Map approve(Map d, Map step, Map watch, Map seen) {
    Map reply = ecsBgQuestions.step(d, watch, seen)
    if (reply.over) {
        d.report.error = [kind: 'timeout', code: 'approval-timeout', message: "nobody approved ${watch.name} within ${step.approve.timeout} s"]
        throw reply.over
    }
    watch.told.putAll([approver: reply.by, note: reply.note])
    return ecsBgGates(d, watch, true)
}

/** The largest step that is not above this part of the traffic; behind the last one where it has all. */
private int fitting(List steps, Object weight) {
    if (weight >= 100) return steps.size()
    int found = 0
    for (int at = 0; at < steps.size(); at++) {
        if (steps[at].weight <= weight) found = at
    }
    return found
}

private Object tenths(Object percent) {
    return (percent * 10).toInteger() / 10
}
