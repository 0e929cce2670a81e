import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException

/**
 * A whole blue/green deployment of one ECS service. Keys, result and outcomes: see blueGreenDeploy.txt.
 *
 * What is undone follows the phase in which something goes wrong, on anything that is thrown:
 *   prepare, approval   live is untouched: our task set is deleted (nothing, where its creation was refused)
 *   swap, bake          the traffic goes back first, then PRIMARY, then our task set is deleted
 *   cleanup             never a rollback by itself: the new version stays live, the previous one stands by
 *
 * Work is done in stretches on an executor; persons and the bake are waited for outside of one. `d` is the deployment: it is
 * passed on, never kept, so that a build may be restarted anywhere.
 */
Map call(Object... given) {
    Map args = ecsBg.named('blueGreenDeploy', given)
    check(args)
    Map d = [args: args, settings: args, report: ecsBgReport.begin(args), created: false, ended: false]
    try {
        stretch(d) { prepare(d) }
        if (d.ended) return d.report
        approve(d)
        stretch(d) { swap(d) }
        bake(d)
    } catch (Throwable cause) {
        recover(d, cause)
        throw cause
    }
    cleanUp(d)
    return d.report
}

/** What the program cannot see: it is told `true` for a closure. */
private void check(Map args) {
    for (String hook in ['validate', 'notify']) {
        if (args.get(hook) != null && !(args.get(hook) instanceof Closure)) {
            error("blueGreenDeploy: ${hook} must be a closure, as in ${hook}: { Map d -> … }")
        }
    }
    if (args.agent != null && !(args.agent instanceof CharSequence || args.agent instanceof Closure)) {
        error('blueGreenDeploy: agent must be a label, or a closure that is given the work: { work -> node(\'linux\') { work() } }')
    }
    if (args.checkout != null && !(args.checkout instanceof Boolean || args.checkout instanceof Closure)) {
        error('blueGreenDeploy: checkout must be true, false, or a closure, as in checkout: { unstash \'deploy\' }')
    }
}

// ---- Before the swap ----

private void prepare(Map d) {
    stage(title(d, 'preflight')) {
        checkOut(d)
        preflight(d)
    }
    if (d.report.outcome) {
        ecsBgReport.finish(d)
        return
    }
    if (d.created) return
    stage(title(d, 'create')) {
        removeKept(d)
        create(d)
    }
    stage(title(d, 'test')) { test(d) }
}

private void checkOut(Map d) {
    // a node block around us has its own checkout, or none, for a reason
    Object wanted = d.args.checkout == null ? !d.held : d.args.checkout
    if (wanted instanceof Closure) {
        wanted.call()
    } else if (wanted) {
        checkout(scm)
    }
}

private void preflight(Map d) {
    Map answer = ask(d, 'preflight', [dryRun: null])   // it changes nothing anyway
    Map settings = answer.result?.settings
    if (settings?.service) d.report.service = ecsBgReport.tail(settings.service)
    d.checks = ecsBg.result(answer)
    // all keys are resolved: what comes later, on whatever agent, reads no file
    d.settings = settings + [config: null]
    d.report.putAll([
        cluster: ecsBgReport.tail(settings.cluster), region: settings.region, deploymentId: settings.deploymentId,
        image: d.checks.image?.reference ?: d.report.image, live: d.checks.live, weights: d.checks.weights
    ])
    if (d.args.dryRun || settings.dryRun) {
        echo "ecs-bg: ${d.report.service}: dry run, nothing is deployed"
        d.report.outcome = 'unchanged'
    } else if (settings.deploymentId && d.checks.live?.deploymentId == settings.deploymentId) {
        resume(d)
    }
}

/** The live traffic is on this very deployment: a build that was run again, or one that goes on after a crash. */
private void resume(Map d) {
    Map ours = ecsBgReport.find(d.checks.taskSets, d.checks.live.taskSetArn)
    d.report.putAll([taskSetArn: d.checks.live.taskSetArn, taskDefinitionArn: ours?.taskDefinitionArn])
    if (d.checks.state == 'settled') {
        echo "ecs-bg: ${d.report.service}: deployment ${d.report.deploymentId} is live and PRIMARY already: nothing to do"
        d.report.outcome = 'unchanged'
    } else {
        echo "ecs-bg: ${d.report.service}: deployment ${d.report.deploymentId} has live traffic already: going on with the swap"
        d.created = true
    }
}

/** The version before the last one, kept for going back, stands where the new one has to be. */
private void removeKept(Map d) {
    Map kept = d.checks.previous
    if (!kept) return
    echo "ecs-bg: ${d.report.service}: removing the previous version that was kept in the idle group: ${kept.arn} (deployment ${kept.deploymentId})"
    delete(d, kept.arn, null, 'delete-task-set (kept)')
}

private void create(Map d) {
    // variables of containers are not among the resolved settings, so that none is ever printed: read them again, here
    Map definition = act(d, 'register-task-definition', [config: d.args.config, environment: d.args.environment])
    d.images = definition.images
    d.report.taskDefinitionArn = definition.taskDefinitionArn

    d.created = true   // from here a task set of ours may be there, even if its answer never comes
    Map answer = ask(d, 'create-task-set', [taskDefinitionArn: definition.taskDefinitionArn])
    boolean nothing = !answer.changed && !answer.result?.taskSetArn
    if (!answer.ok && nothing && answer.error.kind in ['refused', 'usage']) d.created = false
    d.report.taskSetArn = ecsBg.result(answer).taskSetArn

    d.steady = act(d, 'wait-stable')
}

private void test(Map d) {
    if (d.settings.listeners?.test) {
        d.report.testUrl = act(d, 'enable-test-listener').testUrl
    }
    if (d.args.validate) {
        timed(d, 'validate') {
            withEnv(['ECS_BG_TEST_URL=' + (d.report.testUrl ?: '')]) { d.args.validate.call(d.report) }
        }
    }
}

private void approve(Map d) {
    Map options = d.settings.approve ?: null
    if (!options || !d.steady) return
    d.report.phase = 'approval'
    stage(title(d, 'approval')) {
        Map question = [id: 'swap-' + d.report.service, message: ecsBgReport.approval(d), ok: 'Swap']
        Map reply = [:]
        timed(d, 'approval') { reply = ecsBgReport.askPerson(d, options, question) }
        if (reply.over) {
            d.report.error = [kind: 'timeout', code: 'approval-timeout', message: "nobody approved the swap within ${options.timeout} s"]
            throw reply.over
        }
        d.report.approver = reply.by
    }
}

// ---- From the swap to the end of the bake ----

private void swap(Map d) {
    d.report.phase = 'swap'
    d.report.live = null   // not known again before the swap, or the rollback, has answered
    stage(title(d, 'swap')) {
        Map swapped = act(d, 'swap-live')
        Map previous = swapped.previous
        if (previous) d.report.previous = previous + [taskDefinitionArn: ecsBgReport.find(d.checks.taskSets, previous.taskSetArn)?.taskDefinitionArn, deleted: false]
        d.idleSince = swapped.idleSince
        d.report.weights = swapped.after.weights
        d.report.live = [colour: swapped.colour, taskSetArn: swapped.taskSetArn, deploymentId: swapped.deploymentId]
        act(d, 'set-primary')
    }
}

private void bake(Map d) {
    int seconds = d.settings.cleanup.bake.toInteger()
    if (seconds == 0 || !d.report.previous) return
    d.report.phase = 'bake'
    stage(title(d, 'bake')) {
        timed(d, 'bake') { sleep(time: seconds, unit: 'SECONDS') }
    }
}

// ---- Cleanup ----

private void cleanUp(Map d) {
    d.report.phase = 'cleanup'
    d.report.outcome = 'promoted'
    try {
        String choice = chooseCleanUp(d)
        if (choice == 'Roll back') {
            rollBackAsAsked(d)
            return
        }
        ecsBg.onAgent(d.args.agent) {
            try {
                if (choice == 'Delete') stage(title(d, 'cleanup')) { removePrevious(d) }
            } catch (Throwable cause) {
                leave(d, cause)
            } finally {
                ecsBgReport.finish(d)
            }
        }
    } catch (Throwable cause) {
        if (d.ended) throw cause
        try {
            leave(d, cause)
        } finally {
            ecsBgReport.finishAnywhere(d)
        }
    }
}

private String chooseCleanUp(Map d) {
    Map settings = d.settings.cleanup
    Map options = settings.approve ?: null
    if (!d.report.previous || settings.previous == 'keep') return 'Keep'
    if (!options) return 'Delete'
    String wanted = 'Keep'
    stage(title(d, 'cleanup approval')) {
        Map reply = ecsBgReport.askPerson(d, options, [
            id: 'cleanup-' + d.report.service, message: ecsBgReport.cleanUp(d), ok: 'Go on',
            parameters: [choice(name: 'ACTION', choices: ['Delete', 'Keep', 'Roll back'], description: 'What becomes of the previous version')]
        ])
        if (reply.over) {
            warn(d, 'cleanup-approval-timeout', "nobody answered within ${options.timeout} s: both versions are kept, the new one is live")
        } else {
            d.report.cleanupApprover = reply.by
            wanted = reply.ACTION
        }
    }
    return wanted
}

private void removePrevious(Map d) {
    Map previous = d.report.previous
    delete(d, previous.taskSetArn, d.idleSince, 'delete-task-set')
    previous.deleted = true
    // a redeployment of the same revision goes on using it
    if (d.settings.cleanup.deregister && previous.taskDefinitionArn && previous.taskDefinitionArn != d.report.taskDefinitionArn) {
        act(d, 'deregister-task-definition', [taskDefinitionArn: previous.taskDefinitionArn])
    }
}

/** A failed cleanup: the new version stays live and the build is UNSTABLE at most; an abort stays one. */
private void leave(Map d, Throwable cause) {
    blame(d, cause)
    Map previous = d.report.previous
    String told = "ecs-bg: ${d.report.service}: the cleanup ended early: ${ecsBgReport.failure(d.report.error)}"
    if (previous && !previous.deleted) {
        told += '\nthe previous version is still there; the next deployment removes it. By hand:\n' +
            ecsBgReport.command('delete-task-set', d.settings, ['--task-set-arn': previous.taskSetArn])
    }
    echo told
    if (cause instanceof FlowInterruptedException) throw cause
    warn(d, 'cleanup-failed', "the cleanup failed, the new version is live: ${d.report.error.message}")
}

private void rollBackAsAsked(Map d) {
    recover(d, null)
    if (d.abort) throw d.abort
    if (d.report.outcome != 'rolledBack') error("${d.report.service}: the rollback that was asked for failed: ${d.report.rollback.error.message}")
    unstable("${d.report.service}: rolled back, as ${d.report.cleanupApprover ?: 'somebody'} asked")
}

// ---- When something goes wrong ----

/** A stretch of work on an executor: what fails in it is undone on the executor that is still held. */
private void stretch(Map d, Closure work) {
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
private void recover(Map d, Throwable cause) {
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
        stage(title(d, 'rollback')) { rollBack(d) }
    }
    ecsBgReport.finish(d)
}

private void rollBack(Map d) {
    Map answer = ask(d, 'rollback')
    d.report.rollback = [ok: answer.ok, error: answer.error] + (answer.ok ? answer.result : [:])
    if (answer.ok) {
        d.report.outcome = 'rolledBack'
        d.report.weights = answer.result.after.weights
        d.report.live = d.checks.live
    } else if (answer.error.retryable || answer.error.kind in ['credentials', 'interrupted']) {
        error(ecsBg.explain(answer))   // another executor may have better luck
    } else {
        d.report.outcome = 'rollbackFailed'
    }
}

/** An executor that was lost while it undid or reported. */
private void setBack(Map d, Throwable lost) {
    if (lost instanceof FlowInterruptedException) d.abort = lost
    if (d.ended) return
    d.report.rollback = d.report.rollback ?: [ok: false, error: [message: ecsBgReport.text(lost)]]
    echo "ecs-bg: ${d.report.service}: this executor could not undo it: ${ecsBgReport.text(lost)}"
}

private void blame(Map d, Throwable cause) {
    if (cause == null || d.report.error) return
    boolean interrupted = cause instanceof FlowInterruptedException
    d.report.error = [kind: interrupted ? 'interrupted' : 'unexpected', code: null, message: ecsBgReport.text(cause)]
}

// ---- Small things ----

/** By its ARN, for it is not ours; `timeout` is for our new tasks, a deletion has a time of its own. */
private void delete(Map d, String taskSetArn, String idleSince, String name) {
    act(d, 'delete-task-set', [taskSetArn: taskSetArn, deploymentId: null, idleSince: idleSince, timeout: null], name)
}

/** One action, timed; its result. A failure is kept for the report and thrown. */
private Map act(Map d, String action, Map extra = [:], String name = action) {
    return ecsBg.result(ask(d, action, extra, name))
}

/** One action, timed; its answer, also where that is a failure. */
private Map ask(Map d, String action, Map extra = [:], String name = action) {
    Map answer = [:]
    timed(d, name) { answer.putAll(ecsBg.ask(action, d.settings + extra)) }
    d.report.warnings.addAll(answer.warnings)
    if (!answer.ok && action != 'rollback') d.report.error = answer.error
    return answer
}

private void timed(Map d, String name, Closure work) {
    long began = System.currentTimeMillis()
    try {
        work()
    } finally {
        d.report.seconds.put(name, (System.currentTimeMillis() - began).intdiv(10) / 100)
    }
}

private void warn(Map d, String code, String message) {
    d.report.warnings.add([code: code, message: message])
    unstable("${d.report.service}: ${message}")
}

/** Stages carry the service: several may be deployed at once. */
private String title(Map d, String what) {
    return (d.report.service ?: 'ecs-bg') + ': ' + what
}
