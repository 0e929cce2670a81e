import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException

// What blueGreenDeploy asks people. Jenkins shows an input's message as one heading and folds its lines: so that is one short
// line, and what a person has to know stands line by line in the description of a parameter that has a use of its own, in the
// log, and shortly in the build's description while it waits.

/** Whether the traffic is swapped: [by: …, note: …], or [over: exception] where our own time is over. An abort is thrown. */
Map swap(Map d) {
    Map options = d.settings.approve
    Map told = tell(d, options.message, d.steady.colour, d.report.taskDefinitionArn, changes(d))
    String brief = "  task definition  ${before(d)} → ${ecsBgReport.tail(d.report.taskDefinitionArn)}" + (d.report.testUrl ? "\n  to be seen at    ${d.report.testUrl}" : '')
    Map reply = ask(d, options, told, brief, 'NOTE', [
        name: 'swap', ok: 'Swap', message: told.heading, parameters: [aNote(told)]
    ])
    return reply + [note: note(reply.value)]
}

/** What becomes of the previous version: [by: …, choice: …], or [over: exception]. Who answers without a choice keeps it. */
Map cleanUp(Map d) {
    Map options = d.settings.cleanup.approve
    Map previous = d.report.previous
    List choices = ['Delete', 'Keep', 'Roll back']
    Map told = tell(d, options.message, d.report.live?.colour == 'blue' ? 'green' : 'blue', previous.taskDefinitionArn, [
        "  live             ${d.report.live?.colour}: ${ecsBgReport.tail(d.report.taskDefinitionArn)} (deployment ${d.report.deploymentId})",
        "  stands by        ${ecsBgReport.tail(previous.taskDefinitionArn) ?: '-'} (task set ecs-svc/${ecsBgReport.tail(previous.taskSetArn)})"
    ])
    String meanings = 'Delete: the previous version goes. Keep: both stay. Roll back: the previous version gets the traffic again.'
    Map reply = ask(d, options, told, "  live             ${d.report.live?.colour}: ${ecsBgReport.tail(d.report.taskDefinitionArn)}", 'ACTION', [
        name: 'cleanup', ok: 'Go on', message: told.heading, parameters: [
            choice(name: 'ACTION', choices: choices, description: told.facts + '\n\n' + meanings)
        ]
    ])
    if (reply.over || reply.value in choices) return reply + [choice: reply.value]
    echo "ecs-bg: ${d.report.service}: the answer has no choice (ACTION): the previous version is kept"
    return reply + [choice: 'Keep']
}

/** Whether a canary goes on to its next step: [by: …, note: …], or [over: exception]. */
Map step(Map d, Map watch, Map seen) {
    Map told = tellOf(d, watch.options.message, watch, seen)
    Map reply = ask(d, watch.options, told, inShort(watch, seen), 'NOTE', [
        name: 'canary', ok: 'Go on', message: told.heading, parameters: [aNote(told)]
    ])
    return reply + [note: note(reply.value)]
}

/** What becomes of a version that fails, or of which too little is known: [by: …, choice: …], or [over: exception]. */
Map gates(Map d, Map options, Map watch, Map seen) {
    String doubt = seen.verdict == 'fail' ? 'a gate failed' : 'the gates cannot tell'
    Map told = tellOf(d, "${watch.name}: ${doubt}. Go on all the same?", watch, seen)
    String meanings = 'Go on: what comes next. Wait again: the same time once more. Roll back: the previous version gets the traffic again.'
    Map reply = ask(d, options, told, inShort(watch, seen), 'ACTION', [
        name: 'gates', ok: 'Answer', message: told.heading, parameters: [
            choice(name: 'ACTION', choices: ['Wait again', 'Go on', 'Roll back'], description: told.facts + '\n\n' + meanings)
        ]
    ])
    if (reply.over || reply.value) return reply + [choice: reply.value]
    echo "ecs-bg: ${d.report.service}: the answer has no choice (ACTION): it waits again"
    return reply + [choice: 'Wait again']
}

/** What is asked while both versions may have traffic: where, how much of it the new one has, and what its gates say. */
private Map tellOf(Map d, Object message, Map watch, Map seen) {
    List facts = ["  live traffic     ${watch.name}: ${watch.weight ?: 100} % on ${seen.colour} since ${watch.since}"]
    if (seen.share != null) facts.add("  requests         ${seen.share} % on ${seen.colour}")
    return tell(d, message, seen.colour, d.report.taskDefinitionArn, facts + ecsBgGates.lines(seen))
}

private String inShort(Map watch, Map seen) {
    return "  live traffic     ${watch.name}: ${watch.weight ?: 100} % on ${seen.colour}: ${seen.verdict}"
}

/** What the swap will change, a line for each fact. */
private List changes(Map d) {
    Map checks = d.checks
    Map from = checks.plan?.from
    Map to = d.steady
    String idle = to.colour
    List lines = []
    for (String container in d.images.keySet().toList()) {
        lines.add("  image            ${container}: ${from?.images?.get(container) ?: '-'} → ${d.images.get(container)}")
    }
    lines.add("  task definition  ${before(d)} → ${ecsBgReport.tail(d.report.taskDefinitionArn)}")
    String running = from ? "${checks.live?.colour}: ${from.running} of ${from.desired} running, ${from.healthy} healthy" : 'none'
    lines.add("  tasks            ${running} → ${idle}: ${to.running} of ${to.desired} running, ${to.health.healthy} healthy")
    List parts = []
    for (Map step in ecsBgCanary.steps(d)) parts.add("${step.weight} % for ${step.bake} s")
    if (parts) lines.add('  canary           ' + parts.join(', '))
    for (Map listener in checks.weights) {
        if (listener.role == 'live') {
            // what swap-live does: the new colour gets the sum where a third group has a share, else all of it
            int all = listener.others ? listener.blue + listener.green : 100
            int blue = idle == 'blue' ? all : 0
            lines.add("  live traffic     blue ${listener.blue}, green ${listener.green} → blue ${blue}, green ${all - blue}" +
                "  (${listener.arn.substring(listener.arn.lastIndexOf(':') + 1)})")
        }
    }
    if (d.report.testUrl) lines.add("  to be seen at    ${d.report.testUrl}")
    return lines
}

private String before(Map d) {
    return ecsBgReport.tail(d.checks.plan?.from?.taskDefinitionArn) ?: '-'
}

/** The heading of a question, and its facts: where, what, and the team's own words where the heading cannot hold them as they are. */
private Map tell(Map d, Object message, String colour, String taskDefinition, List changes) {
    String words = message.toString().replaceAll('[\\p{Cntrl}&&[^\\n]]', ' ').trim()
    String question = cut(words.replaceAll('\\s+', ' '), 120)
    String heading = cut(d.report.service, 60) + ' in ' + cut(d.report.cluster, 60) + ': ' + question + ' (' + colour + ', ' +
        cut(ecsBgReport.tail(taskDefinition) ?: '-', 60) + ')'
    List facts = question == words ? [] : [words]
    facts.add("Service ${d.report.service} in cluster ${d.report.cluster}, ${d.settings.region}")
    return [heading: heading, facts: (facts + changes).join('\n')]
}

/** Asks; the value of the one parameter, and who gave it. */
private Map ask(Map d, Map options, Map told, String brief, String parameter, Map question) {
    if (d.held && !d.toldOfHold) {
        d.toldOfHold = true
        echo "ecs-bg: ${d.report.service}: this question holds the executor ${env.NODE_NAME ?: ''}: call blueGreenDeploy outside of node (Declarative: agent none) to free it"
    }
    String by = options.submitterParameter ?: 'approver'
    Map asked = question + [id: question.name + '-' + d.report.service, submitterParameter: by]
    asked.remove('name')
    if (options.submitter) asked.put('submitter', options.submitter instanceof List ? options.submitter.join(',') : options.submitter)
    echo told.heading + '\n' + told.facts
    String waiting = 'waiting for an answer: ' + told.heading + '\n' + brief
    ecsBgReport.describe(waiting)
    long began = System.currentTimeMillis()
    Map event = ecsBgReport.note(d, 'question', [
        name: question.name == 'swap' ? 'approval' : question.name, message: told.heading, by: null, choice: null, note: null, seconds: null, over: false
    ], began)
    Object reply = null
    try {
        timeout(time: options.timeout.toInteger(), unit: 'SECONDS') { reply = input(asked) }
    } catch (FlowInterruptedException over) {
        // a timeout and an abort are the same exception, and its causes are out of the sandbox's reach: the clock tells
        if (System.currentTimeMillis() - began < options.timeout * 1000L) throw over
        event.over = true
        return [over: over]
    } finally {
        event.seconds = (System.currentTimeMillis() - began).intdiv(10) / 100
        d.report.seconds.put(event.name, event.seconds)
        ecsBgReport.undescribe(waiting)
    }
    Map answered = answer(reply, by, parameter)
    event.putAll([by: answered.by, (parameter == 'NOTE' ? 'note' : 'choice'): parameter == 'NOTE' ? note(answered.value) : answered.value])
    return answered
}

/**
 * Jenkins gives a map of all values; one value alone as it is, which is the submitter's (who proceeds without parameters, by
 * `proceedEmpty`, a CLI or an API); and, before July 2025, nothing at all to `proceedEmpty`.
 */
private Map answer(Object reply, String by, String parameter) {
    if (!(reply instanceof Map)) return [by: reply, value: null]
    return [by: reply.get(by), value: parameter == by ? null : reply.get(parameter)]
}

/** A parameter with a use of its own, which has the facts. */
private Object aNote(Map told) {
    return text(name: 'NOTE', defaultValue: '', description: told.facts + '\n\nA note for the report, if you like:')
}

private String note(Object given) {
    String text = given == null ? '' : given.toString().trim()
    return text ? cut(text, 2000) : null
}

private String cut(String text, int most) {
    return text.length() <= most ? text : text.substring(0, most - 1) + '…'
}
