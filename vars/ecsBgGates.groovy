/**
 * A bake that is watched, for blueGreenDeploy: looks until it is over, and what follows from the last one. Returns that look.
 *
 * `watch`: name; weight that the version has, null for all; since when; bake, in seconds; told, the part of the report that gets
 * the looks; options of a question. `answered`: the bake is over and somebody has said to go on; what happened since is looked at.
 */
Map call(Map d, Map watch, boolean answered = false) {
    Map seen = answered ? look(d, watch, 0, false) : bake(d, watch)
    while (!seen.ahead && seen.verdict != 'pass' && !(answered && seen.verdict == 'inconclusive')) {
        String choice = choose(d, watch, seen)
        if (choice == 'Go on') return seen
        if (choice != 'Wait again') fail(d, watch, seen, choice)
        // what failed has been seen, and answered for; what is too little to tell goes on growing
        if (seen.verdict == 'fail') watch.since = now()
        answered = false
        seen = bake(d, watch)
    }
    return seen
}

/** Whether there is anything to look at, beyond the state of the version itself. */
boolean any(Map d) {
    Map gates = d.settings.gates ?: [:]
    return gates.alarms || gates.errors || gates.latency || check(d) != null
}

/** The team's own gate, where there is one. */
Closure check(Map d) {
    return d.args.gates instanceof Map ? d.args.gates.get('check') : null
}

/** The controller's time, where no action tells one. */
String now() {
    // the sandbox has neither Instant.now() nor a formatter
    return java.time.Instant.parse('1970-01-01T00:00:00Z').plusMillis(System.currentTimeMillis()).toString()
}

/** What each gate says, a line for each. */
List lines(Map seen) {
    List lines = []
    for (Map gate in seen.gates) lines.add("  ${gate.gate}: ${gate.verdict}${gate.dryRun ? ' (dry run)' : ''}: ${gate.words}".toString())
    return lines
}

// ---- Looks ----

/**
 * Outside of an executor it sleeps there, and takes one for each look; one that is held anyway looks by itself until the bake is
 * over. Ends early where a look fails, or somebody has moved more traffic to the version.
 */
private Map bake(Map d, Map watch) {
    long end = System.currentTimeMillis() + (watch.bake * 1000).toLong()
    long every = (d.settings.gates.every * 1000).toLong()
    boolean alone = d.held && check(d) == null
    while (true) {
        long left = end - System.currentTimeMillis()
        if (left < 0) left = 0
        long pause = alone ? 0 : any(d) && every < left ? every : left
        if (pause > 0) sleep(time: pause, unit: 'MILLISECONDS')
        boolean last = pause == left || alone
        Map seen = look(d, watch, alone ? left : 0, last)
        if (last || seen.ahead || seen.verdict == 'fail') return seen
    }
}

/** One look, and what it fails by is undone on the executor that it has. */
private Map look(Map d, Map watch, long millis, boolean last) {
    Map seen = [:]
    ecsBgUndo.stretch(d) {
        Map answer = ecsBgWork.ask(d, 'check-gates', [
            since: watch.since, weight: watch.weight, baseline: d.firstShift, before: watch.last?.verdict, 'for': millis / 1000
        ])
        boolean failed = answer.error?.code == 'gate-failed'
        seen.putAll(failed ? answer.result : ecsBg.result(answer))
        seen.ahead = watch.weight != null && seen.weight > watch.weight
        keep(d, watch, seen)
        if (failed) {
            if (!asksOnFail(d, seen)) ecsBg.result(answer)
            d.report.error = null
        }
        Closure check = check(d)
        if (check != null) ecsBgWork.timed(d, 'check') { check.call(d.report) }
        if (last && !seen.ahead && seen.verdict == 'inconclusive' && onInconclusive(d) == 'rollback') {
            fail(d, watch, seen, 'nobody is asked')
        }
    }
    return seen
}

/** In the report, which is saved at every step: with all readings at which the verdict changed, and the last one; the others in words. */
void keep(Map d, Map watch, Map seen) {
    Map before = watch.last
    boolean turned = seen.verdict != before?.verdict
    if (before && !watch.turned) before.gates = inWords(before.gates)
    watch.turned = turned
    watch.last = ecsBgReport.note(d, 'look', [step: watch.step, verdict: seen.verdict, weight: seen.weight, share: seen.share, gates: seen.gates])
    d.report.events = thinned(d.report.events, watch.step)
    if (turned) echo "ecs-bg: ${d.report.service}: ${watch.name}: ${seen.verdict}"   // its gates stand right before, as the program told them
}

private List inWords(List gates) {
    List told = []
    for (Map gate in gates) told.add([gate: gate.gate, verdict: gate.verdict, dryRun: gate.dryRun, words: gate.words])
    return told
}

/** Of each bake the last hundred looks, and those before at which the verdict changed. */
@NonCPS
private List thinned(List events, String step) {
    int looks = 0
    for (Map event in events) if (event.type == 'look' && event.step == step) looks++
    if (looks <= 100) return events
    List kept = []
    String before = null
    boolean gone = false
    for (Map event in events) {
        boolean look = event.type == 'look' && event.step == step
        // one more has come, so one goes
        if (look && !gone && event.verdict == before) gone = true
        else kept.add(event)
        if (look) before = event.verdict
    }
    return kept
}

// ---- What follows ----

/** Unless it is said: latency has not the guarantee that errors have, so where it alone fails, somebody who is there is asked. */
private boolean asksOnFail(Map d, Map seen) {
    String wanted = d.settings.gates.onFail
    if (wanted) return wanted == 'ask'
    boolean alone = true
    for (Map gate in seen.gates) {
        if (gate.verdict == 'fail' && !gate.dryRun && gate.gate != 'latency') alone = false
    }
    return alone && d.settings.approve
}

/** Where nobody is asked about the swap, nobody is about this. */
private String onInconclusive(Map d) {
    return d.settings.gates.onInconclusive ?: (d.settings.approve ? 'ask' : 'rollback')
}

/** 'Go on', 'Wait again', or why it ends. */
private String choose(Map d, Map watch, Map seen) {
    if (seen.verdict == 'inconclusive' && onInconclusive(d) == 'go-on') {
        String message = "${watch.name}: the gates could not tell, and it goes on (gates.onInconclusive: go-on)"
        ecsBgWork.warned(d, [code: 'gates-inconclusive', message: message.toString()])
        echo "ecs-bg: ${d.report.service}: WARNING: ${message}"
        return 'Go on'
    }
    Map options = watch.options ?: d.settings.approve ?: [timeout: 24 * 60 * 60]
    Map reply = ecsBgQuestions.gates(d, options, watch, seen)
    if (reply.over) return "nobody answered within ${options.timeout} s"
    watch.told.putAll([choice: reply.choice, choiceBy: reply.by])
    if (reply.choice == 'Roll back') return "${reply.by ?: 'somebody'} chose to roll back"
    echo "ecs-bg: ${d.report.service}: ${watch.name}: ${reply.choice}, as ${reply.by ?: 'somebody'} chose"
    return reply.choice
}

private void fail(Map d, Map watch, Map seen, String why) {
    boolean failed = seen.verdict == 'fail'
    String message = "${watch.name}: ${failed ? 'a gate failed' : 'the gates could not tell'}, and ${why}\n" + lines(seen).join('\n')
    d.report.error = [kind: 'failed', code: failed ? 'gate-failed' : 'gates-inconclusive', message: message.toString()]
    error("ecs-bg: ${d.report.service}: ${ecsBgReport.failure(d.report.error)}")
}
