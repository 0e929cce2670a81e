// The actions of a deployment, for blueGreenDeploy: timed, and told to its report. `d` is the deployment.

/** By its ARN, for it is not ours; `timeout` is for our new tasks, a deletion has a time of its own. */
void delete(Map d, String taskSetArn, String idleSince, String name) {
    act(d, 'delete-task-set', [taskSetArn: taskSetArn, deploymentId: null, idleSince: idleSince, timeout: null], name)
}

/** One action, timed; its result. A failure is kept for the report and thrown. */
Map act(Map d, String action, Map extra = [:], String name = action) {
    return ecsBg.result(ask(d, action, extra, name))
}

/** One action, timed; its answer, also where that is a failure. */
Map ask(Map d, String action, Map extra = [:], String name = action) {
    Map answer = [:]
    if (d.finder == null) d.finder = ecsBg.finder()
    Map event = timed(d, name) { answer.putAll(ecsBg.ask(action, d.settings + extra, [], d.finder)) }
    event.putAll([ok: answer.ok, changed: answer.changed, code: answer.error?.code])
    for (Map warning in answer.warnings) warned(d, warning)
    if (!answer.ok && action != 'rollback') d.report.error = answer.error
    return answer
}

/** Its event: where it throws, it did not succeed. What only an action's answer tells is not in it. */
Map timed(Map d, String name, Closure work) {
    long began = System.currentTimeMillis()
    Map event = ecsBgReport.note(d, 'action', [name: name, seconds: null, ok: false], began)
    try {
        work()
        event.ok = true
    } finally {
        event.seconds = (System.currentTimeMillis() - began).intdiv(10) / 100
        d.report.seconds.put(name, event.seconds)
    }
    return event
}

void warn(Map d, String code, String message) {
    warned(d, [code: code, message: message])
    unstable("${d.report.service}: ${message}")
}

/** Once, however often it is said: each look says the same. */
void warned(Map d, Map warning) {
    if (warning in d.report.warnings) return
    d.report.warnings.add(warning)
    ecsBgReport.note(d, 'warning', [code: warning.code, message: warning.message])
}

/** Stages carry the service: several may be deployed at once. */
void inStage(Map d, String what, Closure work) {
    ecsBgReport.note(d, 'stage', [name: what])
    stage((d.report.service ?: 'ecs-bg') + ': ' + what) { work() }
}
