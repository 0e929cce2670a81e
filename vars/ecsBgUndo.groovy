import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException

// When something goes wrong in blueGreenDeploy: what is undone, on which executor, and how that ends. `d` is the deployment.

/** A stretch of work on an executor: what fails in it is undone on the executor that is still held. */
void stretch(Map d, Closure work) {
    if (d.held == null) d.held = env.WORKSPACE ? true : false
    ecsBg.onAgent(d.args.agent) {
        try {
            work()
        } catch (Throwable cause) {
            try {
                settle(d, cause)
            } catch (Throwable lost) {
                setBack(d, lost)
            }
            throw cause
        }
    }
}

/**
 * Undoes and reports what no executor has undone yet: on the one that is held, else on a new one. No timeout of ours
 * encloses a rollback; where there is nothing to roll back, an end does not wait for an executor for long.
 */
void recover(Map d, Throwable cause) {
    for (int attempt = 1; attempt <= 2 && !d.ended && undoes(d, cause); attempt++) {
        try {
            if (attempt == 1) {
                ecsBg.onAgent(d.args.agent) { settle(d, cause) }
            } else {
                ecsBg.takeAgent(d.args.agent) { settle(d, cause) }
            }
        } catch (Throwable lost) {
            setBack(d, lost)
        }
    }
    if (!d.ended) {
        try {
            blame(d, cause)
            d.report.outcome = undoes(d, cause) ? 'rollbackFailed' : idle(d)
            ecsBgReport.finishAnywhere(d)
        } catch (Throwable lost) {
            setBack(d, lost)
        }
    }
    echo ecsBgReport.lastWords(d)
}

/** Nothing that was refused before its create is rolled back, nor what is to be kept; what a person asked for always is. */
private boolean undoes(Map d, Throwable cause) {
    return d.created && (cause == null || d.settings.onFailure != 'keep')
}

private String idle(Map d) {
    return d.created ? 'kept' : 'refused'
}

/** Undoes and reports on this executor; throws where it cannot. */
private void settle(Map d, Throwable cause) {
    blame(d, cause)
    d.report.outcome = undoes(d, cause) ? null : idle(d)
    if (d.report.outcome == null) {
        ecsBgWork.inStage(d, 'rollback') { rollBack(d) }
    }
    ecsBgReport.finish(d)
}

private void rollBack(Map d) {
    Map answer = ecsBgWork.ask(d, 'rollback')
    d.report.rollback = [ok: answer.ok, error: answer.error] + (answer.ok ? answer.result : [:])
    ecsBgReport.note(d, 'rollback', [ok: answer.ok, restored: answer.ok ? answer.result.restored : null, error: answer.error])
    if (answer.ok) {
        d.report.outcome = 'rolledBack'
        ecsBgReport.weights(d, answer.result.after.weights, 'rollback')
        Map back = ecsBgReport.find(d.checks.taskSets, answer.result.restored)
        d.report.live = back ? [colour: back.colour, taskSetArn: back.arn, deploymentId: back.deploymentId] : liveBefore(d)
    } else if (answer.error.retryable || answer.error.kind in ['credentials', 'interrupted']) {
        error(ecsBg.explain(answer))   // another executor may have better luck
    } else {
        d.report.outcome = 'rollbackFailed'
    }
}

/** What was live as this build began; not known where that was what is undone now. */
private Map liveBefore(Map d) {
    return d.checks.live?.deploymentId == d.report.deploymentId ? null : d.checks.live
}

/** An executor that was lost while it undid or reported. */
private void setBack(Map d, Throwable lost) {
    if (lost instanceof FlowInterruptedException) d.abort = lost
    if (d.ended) return
    d.report.rollback = d.report.rollback ?: [ok: false, error: [message: ecsBgReport.text(lost)]]
    echo "ecs-bg: ${d.report.service}: this executor could not undo it: ${ecsBgReport.text(lost)}"
}

/** Why it ends, once. */
void blame(Map d, Throwable cause) {
    if (cause == null || d.blamed) return
    d.blamed = true
    if (!d.report.error) {
        boolean interrupted = cause instanceof FlowInterruptedException
        d.report.error = [kind: interrupted ? 'interrupted' : 'unexpected', code: null, message: ecsBgReport.text(cause)]
    }
    Map error = d.report.error
    ecsBgReport.note(d, 'failure', [kind: error.kind, code: error.code, message: error.message, hint: error.hint])
}
