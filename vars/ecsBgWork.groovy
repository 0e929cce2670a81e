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
    timed(d, name) { answer.putAll(ecsBg.ask(action, d.settings + extra, [], d.finder)) }
    for (Map warning in answer.warnings) {
        if (!(warning in d.report.warnings)) d.report.warnings.add(warning)   // the same at each look
    }
    if (!answer.ok && action != 'rollback') d.report.error = answer.error
    return answer
}

void timed(Map d, String name, Closure work) {
    long began = System.currentTimeMillis()
    try {
        work()
    } finally {
        d.report.seconds.put(name, (System.currentTimeMillis() - began).intdiv(10) / 100)
    }
}

void warn(Map d, String code, String message) {
    d.report.warnings.add([code: code, message: message])
    unstable("${d.report.service}: ${message}")
}

/** Stages carry the service: several may be deployed at once. */
String title(Map d, String what) {
    return (d.report.service ?: 'ecs-bg') + ': ' + what
}
