import groovy.json.JsonOutput
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException

// What blueGreenDeploy tells and asks people: its report, the build's description, the command to finish by hand.

/**
 * The report as a deployment begins: given to the hooks, archived, and returned. Plain values only. Its `events`, in the order in
 * which they came, are what `ecs-bg report` draws (resources/report.schema.json).
 */
Map begin(Map args) {
    return [
        schemaVersion: 2, outcome: null, phase: 'prepare', service: tail(args.service), cluster: null, region: null,
        deploymentId: args.deploymentId ?: ecsBg.deploymentId(), build: env.BUILD_URL,
        image: args.image ? args.image.toString() : null, images: [:], from: null, taskDefinitionArn: null, taskSetArn: null,
        previous: null, live: null, weights: [], testUrl: null, approver: null, note: null, cleanupApprover: null,
        canary: null, seconds: [:], warnings: [], rollback: null, error: null,
        events: [[at: System.currentTimeMillis(), type: 'start', service: tail(args.service)]]
    ]
}

/** An event of the report, of now or of another time. */
Map note(Map d, String type, Map facts, Object at = null) {
    Map event = [at: at ?: System.currentTimeMillis(), type: type] + facts
    d.report.events.add(event)
    return event
}

/** The weights as an action has read them. */
void weights(Map d, List weights, String cause) {
    d.report.weights = weights
    note(d, 'weights', [weights: weights, cause: cause])
}

/** One line for the build's log and its page. */
String summary(Map report) {
    String text = "${report.service ?: 'deployment'}: ${report.outcome}"
    if (report.taskDefinitionArn) text += ' ' + tail(report.taskDefinitionArn)
    if (report.live?.colour) text += " (live: ${report.live.colour})"
    return text
}

/** The last lines of a log: what happened, why, and how a person goes on where the build could not. */
String lastWords(Map d) {
    Map report = d.report
    List lines = ["ecs-bg: ${report.service ?: 'the deployment'} ended in phase ${report.phase}: ${report.outcome}"]
    if (report.error) lines.add('  cause: ' + failure(report.error))
    if (report.rollback?.error) lines.add('  the rollback: ' + failure(report.rollback.error))
    boolean kept = report.outcome == 'kept'
    boolean noWayBack = report.rollback?.error?.code == 'nothing-to-go-back-to'
    if (kept) lines.addAll(['Everything was left as it is (onFailure: keep). To undo it:', byHand(d, 'rollback')])
    if (report.outcome == 'rollbackFailed' && !noWayBack) lines.addAll(['To finish the rollback by hand:', byHand(d, 'rollback')])
    if (kept && report.phase == 'canary') lines.add("To go on with it, run the build again with deploymentId: '${report.deploymentId}'")
    // from the swap on it may be what is live: then no other deployment starts until it is kept or undone
    if (noWayBack || kept && report.phase in ['swap', 'bake']) lines.addAll(['To keep it, where it is live:', byHand(d, 'set-primary')])
    return lines.join('\n')
}

/** The same where a cleanup ended early: what is there besides, or still has to be done. */
String leftovers(Map d) {
    Map report = d.report
    Map previous = report.previous
    List lines = ["ecs-bg: ${report.service}: the cleanup ended early: ${failure(report.error)}"]
    if (report.outcome == 'unpromoted') {
        lines.add(report.live ? 'the new version is live and not PRIMARY, and no other deployment starts until it is. To keep it:'
            : "the new version was not promoted: ${failure(d.unpromoted)}. Look at ecs-bg status; no other deployment starts while it is there. To keep it, where it is live:")
        lines.addAll([byHand(d, 'set-primary'), 'To undo it:', byHand(d, 'rollback')])
    } else if (previous && !previous.deleted) {
        lines.addAll(['the previous version is still there; the next deployment removes it. By hand:',
            command('delete-task-set', d.settings, ['--task-set-arn': previous.taskSetArn])])
    }
    return lines.join('\n')
}

private String byHand(Map d, String action) {
    return command(action, d.settings, ['--deployment-id': d.report.deploymentId])
}

/** A command line that does this action from anywhere; quoted for a shell. */
String command(String action, Map settings, Map flags) {
    Map all = [
        '--cluster': settings.cluster, '--service': settings.service, '--region': settings.region,
        '--profile': settings.profile, '--role-arn': settings.roleArn, '--role-external-id': settings.roleExternalId,
        '--endpoint-url': settings.endpointUrl
    ] + flags
    String line = 'ecs-bg ' + action
    for (String flag in all.keySet().toList()) {
        if (all.get(flag) != null) line += ' ' + flag + ' ' + quote(all.get(flag).toString())
    }
    return line
}

// ---- The build's description: several services may be deployed at once, so each adds and takes away lines of its own ----

void describe(String lines) {
    currentBuild.description = currentBuild.description ? currentBuild.description + '\n' + lines : lines
}

void undescribe(String lines) {
    String left = ('\n' + (currentBuild.description ?: '') + '\n').replace('\n' + lines + '\n', '\n')
    currentBuild.description = left.length() > 2 ? left.substring(1, left.length() - 1) : null
}

// ---- Ends ----

/** Every end: the build's description, the archived report, the hook. None of them hides what happened; an abort goes on. */
void finish(Map d) {
    d.ended = true
    note(d, 'end', [outcome: d.report.outcome])
    String line = summary(d.report)
    describe(line)
    Throwable abort = null
    try {
        archive(d)
    } catch (Throwable failed) {
        echo "ecs-bg: ${d.report.service}: WARNING: the report was not archived: ${text(failed)}"
        if (failed instanceof FlowInterruptedException) abort = failed
    }
    try {
        if (d.args.notify) d.args.notify.call(d.report)
    } catch (Throwable failed) {
        echo "ecs-bg: ${d.report.service}: WARNING: notify failed: ${text(failed)}"
        if (failed instanceof FlowInterruptedException) abort = failed
    }
    if (abort) throw abort
    echo 'ecs-bg: ' + line + (d.picture ? '\n  ' + d.picture : '')
}

private void archive(Map d) {
    try {
        write(d)
    } catch (Throwable failed) {
        if (failed instanceof FlowInterruptedException || !env.WORKSPACE) throw failed
        // this executor may be gone
        soon { ecsBg.takeAgent(d.args.agent) { write(d) } }
    }
}

/** What needs another executor, if there is one soon. That there is none is no abort: the clock tells them apart. */
void soon(Closure work) {
    long began = System.currentTimeMillis()
    try {
        timeout(time: 5, unit: 'MINUTES') { work() }
    } catch (FlowInterruptedException over) {
        if (System.currentTimeMillis() - began < 5 * 60 * 1000L) throw over
        error('no executor for it within 5 minutes')
    }
}

/** An end outside of an executor takes one for the archive, if there is one soon. */
void finishAnywhere(Map d) {
    Throwable lost = null
    try {
        soon { ecsBg.onAgent(d.args.agent) { finish(d) } }
    } catch (Throwable thrown) {
        lost = thrown
    }
    if (!d.ended) finish(d)
    if (lost instanceof FlowInterruptedException) throw lost
}

/** The report, and what is drawn of it; that needs a shell, and without one the report alone is archived. */
private void write(Map d) {
    // a file's name has 255 bytes at most, and the program writes under a longer one first
    String name = ecsBg.bounded("${d.report.service ?: 'service'}-${d.report.deploymentId}".toString(), 230).replaceAll('[^A-Za-z0-9._-]', '_')
    String file = 'ecs-bg/' + name + '.json'
    writeFile(file: file, encoding: 'UTF-8', text: JsonOutput.prettyPrint(JsonOutput.toJson(d.report)))
    Throwable lost = null
    try {
        if (d.finder == null) d.finder = ecsBg.finder()
        ecsBg.result(ecsBg.ask('report', [report: file, helper: d.args.helper, helperUrl: d.args.helperUrl], [], d.finder))
        d.picture = env.BUILD_URL ? env.BUILD_URL + 'artifact/ecs-bg/' + name + '.svg' : null
    } catch (Throwable failed) {
        lost = failed
    }
    archiveArtifacts(artifacts: 'ecs-bg/' + name + '.*')
    if (lost instanceof FlowInterruptedException) throw lost
    if (lost) echo "ecs-bg: ${d.report.service}: WARNING: no picture of it: ${text(lost)}"
}

// ---- Words ----

/** The last part of an ARN, or of a path; null of nothing. */
String tail(Object name) {
    if (!name) return null
    String text = name.toString()
    return text.substring(text.lastIndexOf('/') + 1)
}

Map find(List taskSets, String arn) {
    for (Map taskSet in taskSets) {
        if (taskSet.arn == arn) return taskSet
    }
    return null
}

/** What a person can make of an exception; Jenkins' interruptions have no message. */
String text(Throwable t) {
    if (t instanceof FlowInterruptedException) return 'interrupted: aborted, rejected, timed out, or its agent was lost'
    return t.message ?: t.getClass().getSimpleName()
}

/** A failure of an action, or of something else, which has no code. */
String failure(Map error) {
    return error.message + (error.code ? " [${error.code}]" : '')
}

private String where(Map d) {
    return "Service ${d.report.service} in cluster ${tail(d.settings.cluster)}, ${d.settings.region}"
}

private String quote(String value) {
    return value.matches('[A-Za-z0-9_./:@=+-]+') ? value : "'" + value.replace("'", "'\\''") + "'"
}
