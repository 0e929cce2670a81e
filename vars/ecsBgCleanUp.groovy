import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException

/**
 * The end of a deployment that is live, for blueGreenDeploy: the question about the previous version, PRIMARY, the deletion.
 *
 * As long as it is not PRIMARY, no other deployment starts, so that nobody takes away what it would go back to. So it is
 * promoted however the question ends, but by a rollback; and the previous version is never deleted before.
 */
void call(Map d) {
    d.report.phase = 'cleanup'
    String choice = 'Keep'
    try {
        choice = choose(d)
        if (choice != 'Roll back') ecsBg.onAgent(d.args.agent) { carryOut(d, choice) }
    } catch (Throwable cause) {
        boolean over = d.ended
        if (!over) leaveAnywhere(d, cause)
        if (over || cause instanceof FlowInterruptedException) throw cause
    }
    if (choice == 'Roll back') rollBackAsAsked(d)
}

/** Makes it PRIMARY, once. */
void promote(Map d) {
    if (d.promoted) return
    Map answer = ecsBgWork.ask(d, 'set-primary')
    d.promoted = answer.ok
    d.unpromoted = answer.error
    ecsBg.result(answer)
}

private String choose(Map d) {
    Map settings = d.settings.cleanup
    Map options = settings.approve ?: null
    if (!d.report.previous || settings.previous == 'keep') return 'Keep'
    if (!options) return 'Delete'
    String wanted = 'Keep'
    ecsBgWork.inStage(d, 'cleanup approval') {
        Map reply = ecsBgQuestions.cleanUp(d)
        if (reply.over) {
            ecsBgWork.warn(d, 'cleanup-approval-timeout', "nobody answered within ${options.timeout} s: both versions are kept, the new one is live")
        } else {
            d.report.cleanupApprover = reply.by
            wanted = reply.choice
        }
    }
    return wanted
}

private void carryOut(Map d, String choice) {
    try {
        if (!d.promoted || choice == 'Delete') {
            ecsBgWork.inStage(d, 'cleanup') {
                promote(d)
                if (choice == 'Delete') removePrevious(d)
            }
        }
        d.report.outcome = 'promoted'
        ecsBgReport.finish(d)
    } catch (Throwable cause) {
        boolean over = d.ended
        if (!over) leave(d, cause)
        if (over || cause instanceof FlowInterruptedException) throw cause
    }
}

private void removePrevious(Map d) {
    Map previous = d.report.previous
    ecsBgWork.delete(d, previous.taskSetArn, d.idleSince, 'delete-task-set')
    previous.deleted = true
    // a redeployment of the same revision goes on using it
    if (d.settings.cleanup.deregister && previous.taskDefinitionArn && previous.taskDefinitionArn != d.report.taskDefinitionArn) {
        ecsBgWork.act(d, 'deregister-task-definition', [taskDefinitionArn: previous.taskDefinitionArn])
    }
}

// ---- When it ends early: the new version stays live, the build is UNSTABLE at most, and an abort stays one ----

/** On an executor, which may be gone. */
private void leave(Map d, Throwable cause) {
    ecsBgUndo.blame(d, cause)
    insist(d)
    part(d, cause)
}

/** Where none is held, on one that is to be had soon; else without. */
private void leaveAnywhere(Map d, Throwable cause) {
    Throwable lost = null
    try {
        ecsBgReport.soon { ecsBg.onAgent(d.args.agent) { leave(d, cause) } }
    } catch (Throwable thrown) {
        lost = thrown
    }
    if (!d.ended) part(d, cause)
    if (lost instanceof FlowInterruptedException) throw lost
}

/** No deployment starts before this one is PRIMARY, so that is tried once more, here and on another executor. */
private void insist(Map d) {
    Map error = d.report.error
    for (int attempt = 1; attempt <= 2 && !d.promoted && !displaced(d); attempt++) {
        try {
            if (attempt == 1) {
                promote(d)
            } else {
                ecsBgReport.soon { ecsBg.takeAgent(d.args.agent) { promote(d) } }
            }
        } catch (Throwable failed) {
            echo "ecs-bg: ${d.report.service}: not promoted by this executor: ${ecsBgReport.text(failed)}"
        }
    }
    d.report.error = error
}

/** Whether its promotion was refused: it may not be live any more. */
private boolean displaced(Map d) {
    return d.unpromoted?.kind in ['refused', 'notFound']
}

private void part(Map d, Throwable cause) {
    ecsBgUndo.blame(d, cause)
    d.report.outcome = d.promoted ? 'promoted' : 'unpromoted'
    if (displaced(d)) d.report.putAll([live: null, weights: []])
    if (!(cause instanceof FlowInterruptedException)) {
        String live = displaced(d) ? 'not PRIMARY' : d.promoted ? 'live' : 'live and not PRIMARY'
        ecsBgWork.warn(d, 'cleanup-failed', "the cleanup failed, the new version is ${live}: ${d.report.error.message}")
    }
    try {
        ecsBgReport.finish(d)
    } finally {
        echo ecsBgReport.leftovers(d)
    }
}

private void rollBackAsAsked(Map d) {
    ecsBgUndo.recover(d, null)
    if (d.abort) throw d.abort
    if (d.report.outcome != 'rolledBack') error("${d.report.service}: the rollback that was asked for failed: ${d.report.rollback.error.message}")
    unstable("${d.report.service}: rolled back, as ${d.report.cleanupApprover ?: 'somebody'} asked")
}
