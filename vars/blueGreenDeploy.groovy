/**
 * A whole blue/green deployment of one ECS service. Keys, result and outcomes: see blueGreenDeploy.txt.
 *
 * What is undone follows the phase in which something goes wrong, on anything that is thrown:
 *   prepare, approval    live is untouched: our task set is deleted (nothing, where its creation was refused)
 *   canary, swap, bake   the traffic goes back first, then our task set is deleted
 *   cleanup              never a rollback by itself: the new version stays live and becomes PRIMARY, the previous one stands by
 *
 * It becomes PRIMARY last of all: until then AWS shows to everybody that a deployment is under way, whatever became of its build.
 *
 * Work is done in stretches on an executor; persons and bakes are waited for outside of one. `d` is the deployment: it is
 * passed on, never kept, so that a build may be restarted anywhere.
 */
Map call(Object... given) {
    Map args = ecsBg.named('blueGreenDeploy', given)
    check(args)
    Map d = [args: args, settings: args, report: ecsBgReport.begin(args), created: false, promoted: false, ended: false]
    try {
        ecsBgUndo.stretch(d) {
            prepare(d)
            if (!d.ended && !waits(d)) swap(d)   // for nobody and nothing: the executor is kept
        }
        if (d.ended) return d.report
        if (waits(d)) {
            if (asks(d)) approve(d)
            if (rises(d)) ecsBgCanary(d)
            ecsBgUndo.stretch(d) { swap(d) }
        }
        bake(d)
    } catch (Throwable cause) {
        ecsBgUndo.recover(d, cause)
        throw cause
    }
    ecsBgCleanUp(d)
    return d.report
}

/** What the program cannot see: it is told `true` for a closure, and nothing of an address. */
private void check(Map args) {
    ecsBg.address(args)
    Map hooks = [validate: args.validate, notify: args.notify, 'gates.check': args.gates instanceof Map ? args.gates.get('check') : null]
    for (String hook in hooks.keySet().toList()) {
        if (hooks.get(hook) != null && !(hooks.get(hook) instanceof Closure)) {
            error("blueGreenDeploy: ${hook} must be a closure, as in ${hook.replace('gates.', '')}: { Map d -> … }")
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
    ecsBgWork.inStage(d, 'preflight') {
        checkOut(d)
        preflight(d)
    }
    if (d.report.outcome) {
        ecsBgReport.finish(d)
        return
    }
    if (d.created) return
    ecsBgWork.inStage(d, 'create') {
        removeKept(d)
        create(d)
    }
    if (d.settings.listeners?.test || d.args.validate) ecsBgWork.inStage(d, 'test') { test(d) }
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
    Map answer = ecsBgWork.ask(d, 'preflight', [dryRun: null])   // it changes nothing anyway
    Map settings = answer.result?.settings
    if (settings?.service) d.report.service = ecsBgReport.tail(settings.service)
    d.checks = ecsBg.result(answer)
    // all keys are resolved: what comes later, on whatever agent, reads no file
    d.settings = settings + [config: null, helperUrl: d.args.helperUrl]
    d.report.putAll([
        cluster: ecsBgReport.tail(settings.cluster), region: settings.region, deploymentId: settings.deploymentId,
        image: d.checks.image?.reference ?: d.report.image, live: d.checks.live, from: was(d)
    ])
    ecsBgReport.weights(d, d.checks.weights, 'preflight')
    if (d.args.dryRun || settings.dryRun) {
        echo "ecs-bg: ${d.report.service}: dry run, nothing is deployed"
        d.report.outcome = 'unchanged'
    } else if (settings.deploymentId && d.checks.live?.deploymentId == settings.deploymentId) {
        resume(d)
    } else if (ecsBgCanary.isUnderWay(d)) {
        resumeCanary(d)
    }
}

/** What was live as it began. */
private Map was(Map d) {
    Map from = d.checks.plan?.from
    if (!from) return null
    Map live = d.checks.live ?: [:]
    return [colour: live.colour, taskSetArn: from.taskSetArn, deploymentId: live.deploymentId, taskDefinitionArn: from.taskDefinitionArn, images: from.images]
}

/** The live traffic is on this very deployment: a build that was run again, or one that goes on after a crash. */
private void resume(Map d) {
    goOnWith(d, d.checks.live.taskSetArn)
    if (d.checks.state == 'settled') {
        echo "ecs-bg: ${d.report.service}: deployment ${d.report.deploymentId} is live and PRIMARY already: nothing to do"
        d.report.outcome = 'unchanged'
    } else {
        echo "ecs-bg: ${d.report.service}: deployment ${d.report.deploymentId} has live traffic already: going on with the swap"
        d.created = true
    }
}

/** A part of it is: the bake of the step that the weights tell begins anew. */
private void resumeCanary(Map d) {
    goOnWith(d, d.checks.resume.arn)
    echo "ecs-bg: ${d.report.service}: deployment ${d.report.deploymentId} has ${d.checks.canary.share} % of the live traffic already: going on with the canary"
    d.created = true
}

private void goOnWith(Map d, String taskSetArn) {
    Map ours = ecsBgReport.find(d.checks.taskSets, taskSetArn)
    d.report.putAll([taskSetArn: taskSetArn, taskDefinitionArn: ours?.taskDefinitionArn])
    if (d.settings.canary) d.scale = ours?.scale
    d.firstShift = ours?.createdAt   // the first shift came soon after it, and nothing tells when
}

/** The version before the last one, kept for going back, stands where the new one has to be. */
private void removeKept(Map d) {
    Map kept = d.checks.previous
    if (!kept) return
    echo "ecs-bg: ${d.report.service}: removing the previous version that was kept in the idle group: ${kept.arn} (deployment ${kept.deploymentId})"
    ecsBgWork.delete(d, kept.arn, null, 'delete-task-set (kept)')
}

private void create(Map d) {
    // variables of containers are not among the resolved settings, so that none is ever printed: read them again, here
    Map definition = ecsBgWork.act(d, 'register-task-definition', [config: d.args.config, environment: d.args.environment])
    d.images = definition.images
    d.report.images = definition.images
    d.report.taskDefinitionArn = definition.taskDefinitionArn

    d.created = true   // from here a task set of ours may be there, even if its answer never comes
    Map answer = ecsBgWork.ask(d, 'create-task-set', [taskDefinitionArn: definition.taskDefinitionArn] + ecsBgCanary.beginning(d))
    boolean nothing = !answer.changed && !answer.result?.taskSetArn
    if (!answer.ok && nothing && answer.error.kind in ['refused', 'usage']) d.created = false
    d.report.taskSetArn = ecsBg.result(answer).taskSetArn

    d.steady = ecsBgWork.act(d, 'wait-stable')
}

private void test(Map d) {
    if (d.settings.listeners?.test) {
        d.report.testUrl = ecsBgWork.act(d, 'enable-test-listener').testUrl
    }
    if (d.args.validate) {
        ecsBgWork.timed(d, 'validate') {
            withEnv(['ECS_BG_TEST_URL=' + (d.report.testUrl ?: '')]) { d.args.validate.call(d.report) }
        }
    }
}

/** Whether a person decides: not again where live traffic is on this very deployment already. */
private boolean asks(Map d) {
    return d.settings.approve && d.steady
}

/** Whether a part of the traffic comes before all of it: not where all of it is on this very deployment already. */
private boolean rises(Map d) {
    return ecsBgCanary.steps(d) && (d.steady || ecsBgCanary.isUnderWay(d))
}

private boolean waits(Map d) {
    return asks(d) || rises(d)
}

private void approve(Map d) {
    d.report.phase = 'approval'
    ecsBgWork.inStage(d, 'approval') {
        Map reply = ecsBgQuestions.swap(d)
        if (reply.over) {
            d.report.error = [kind: 'timeout', code: 'approval-timeout', message: "nobody approved the swap within ${d.settings.approve.timeout} s"]
            throw reply.over
        }
        d.report.putAll([approver: reply.by, note: reply.note])
    }
}

// ---- From the swap to the end of the bake ----

private void swap(Map d) {
    d.report.phase = 'swap'
    d.report.live = null   // not known again before the swap, or the rollback, has answered
    ecsBgWork.inStage(d, 'swap') {
        ecsBgCanary.whole(d)
        Map swapped = ecsBgWork.act(d, 'swap-live')
        Map previous = swapped.previous
        if (previous) d.report.previous = previous + [taskDefinitionArn: ecsBgReport.find(d.checks.taskSets, previous.taskSetArn)?.taskDefinitionArn, deleted: false]
        d.idleSince = swapped.idleSince
        ecsBgReport.weights(d, swapped.after.weights, 'swap-live')
        d.report.live = [colour: swapped.colour, taskSetArn: swapped.taskSetArn, deploymentId: swapped.deploymentId]
        // a first version has nothing to go back to, so there is nothing to wait for
        if (!previous) ecsBgCleanUp.promote(d)
    }
}

private void bake(Map d) {
    int seconds = d.settings.cleanup.bake.toInteger()
    if (seconds == 0 || !d.report.previous) return
    d.report.phase = 'bake'
    ecsBgWork.inStage(d, 'bake') {
        long began = System.currentTimeMillis()
        if (ecsBgGates.any(d)) {
            watch(d)
        } else {
            sleep(time: seconds, unit: 'SECONDS')
        }
        d.report.seconds.put('bake', (System.currentTimeMillis() - began).intdiv(10) / 100)
    }
}

/** With all traffic on the new version. */
private void watch(Map d) {
    String since = d.idleSince ?: ecsBgGates.now()
    if (d.firstShift == null) d.firstShift = since
    ecsBgGates(d, [
        name: 'bake', step: 'bake', weight: null, since: since, bake: d.settings.cleanup.bake, told: [:], options: d.settings.cleanup.approve
    ])
}
