import groovy.json.JsonOutput
import groovy.json.JsonSlurper

// The one way from the steps to the program ecs-bg. It holds no state: a build may be restarted between any two lines.

/**
 * Runs one action on the executor that is held, or on one of `args.agent`, and returns its result with `changed` and `warnings`.
 * Fails with the program's message, code and hint. `variables` (NAME=value) are for the shell.
 */
Map call(String action, Map args = [:], List variables = []) {
    Map answer = [:]
    address(args)   // before an executor is waited for
    onAgent(args.agent) { answer.putAll(ask(action, args, variables)) }
    return result(answer)
}

/**
 * What a step was called with: named parameters, or none. Steps take whatever comes and ask here, for otherwise Groovy's own
 * answer to `ecsStatus('prod')` is a stack trace.
 */
Map named(String step, Object[] given) {
    if (given != null && given.length == 0) return [:]
    if (given != null && given.length == 1 && given[0] instanceof Map) return given[0]
    List kinds = []
    for (Object one in (given == null ? [null] : given)) kinds.add(kind(one))
    error("${step} takes named parameters alone, as in ${step}(config: 'deploy/prod.yml'); it was given ${kinds.join(', ')}")
}

/** Never the value itself: it may be a secret in the wrong place. */
private String kind(Object given) {
    if (given == null) return 'null'
    if (given instanceof Map) return 'named parameters'
    if (given instanceof CharSequence) return 'a text without a name'
    if (given instanceof List) return 'a list'
    if (given instanceof Closure) return 'a closure'
    return 'a value without a name (' + given.getClass().getSimpleName() + ')'
}

/** What an answer holds for the caller of a step. An answer that is a failure fails the step. */
Map result(Map answer) {
    if (!answer.ok) error(explain(answer))
    return answer.result + [changed: answer.changed, warnings: answer.warnings]
}

/** A failure in one text: what, which code, what to do; of preflight all that stands in the way. */
String explain(Map answer) {
    String text = "ecs-bg ${answer.action}: ${answer.error.message} [${answer.error.code}]"
    if (answer.error.hint) text += "\n  hint: ${answer.error.hint}"
    for (Map finding in (answer.result?.findings ?: [])) {
        boolean told = finding.code == answer.error.code && finding.message == answer.error.message
        if (finding.severity == 'blocking' && !told) {
            text += "\n  also: ${finding.message} [${finding.code}]" + (finding.hint ? " (${finding.hint})" : '')
        }
    }
    return text
}

/** Does the work on the executor that is held, never asking for a second one; where none is held, on one of `agent`. */
void onAgent(Object agent, Closure work) {
    if (env.WORKSPACE) {
        work()
    } else {
        takeAgent(agent, work)
    }
}

/** Does the work on a new executor: `agent` is a label, nothing (any), or a closure that is given the work. */
void takeAgent(Object agent, Closure work) {
    if (!(agent instanceof Closure)) {
        node(agent ? agent.toString() : '') { work() }
        return
    }
    boolean entered = false
    agent.call({
        entered = true
        work()
    })
    if (!entered) error('agent: the closure did not run the work that it was given: agent: { work -> node(\'linux\') { work() } }')
}

/**
 * Runs one action in one `sh` and returns the program's own answer, also where that is a failure.
 * A second `sh` is needed where an agent's user gets the program from the library's own files, the first time. `parts` is
 * what finder() returns, of who calls more than once.
 */
Map ask(String action, Map args = [:], List variables = [], Map parts = null) {
    String url = address(args)
    String parameters = encode([build: env.BUILD_URL, deploymentId: args.taskSetArn ? null : deploymentId()] + args)
    // execve takes 128 KiB for one string, its name and its end included; the text is ASCII
    int most = 128 * 1024 - 'ECS_BG_PARAMS='.length() - 1
    if (parameters.length() > most) {
        error("ecs-bg ${action}: the parameters have ${parameters.length()} bytes, ${most} is the most that one call takes: put them into a file and name it with config:")
    }
    if (parts == null) parts = finder()
    String packed = (env.WORKSPACE_TMP ?: pwd(tmp: true)) + '/ecs-bg-' + UUID.randomUUID().toString() + '.gz'
    List environment = [
        'ECS_BG_ACTION=' + action, 'ECS_BG_PARAMS=' + parameters, 'ECS_BG_COMMAND=',
        'ECS_BG_HELPER=' + (args.helper ?: env.ECS_BG_HELPER ?: ''), 'ECS_BG_NEEDS=' + version(),
        'ECS_BG_CHECKSUMS=' + parts.checksums, 'ECS_BG_URL=' + url, 'ECS_BG_PACKED=' + packed
    ] + variables
    String label = 'ecs-bg ' + action + (args.service ? ' ' + args.service : '')
    Map answer = shell(label, parts.script, environment)
    String tried = answer.tried
    if (answer.missing && answer.known) {
        if (bring(answer.missing + '.gz', packed)) {
            answer = shell(label + ' (copied)', parts.script, environment)
            tried += answer.tried
        } else {
            tried += "of the library's own there is the checksum alone, and no resources/bin/${answer.missing}.gz; "
        }
    }
    if (answer.missing) {
        error("ecs-bg: no program for ${answer.system} on ${answer.processor} here. Tried: ${tried}" +
            'Name one with helper: or ECS_BG_HELPER, put it on the agent\'s PATH, say by helperUrl: or ECS_BG_URL where agents can fetch it, ' +
            'or use a release of this library that brings its own.')
    }
    return answer
}

/** Brings the library's own file to the agent; false where this release has none. */
private boolean bring(String name, String to) {
    try {
        // nested: in a variable, its megabytes would be saved with the program's state at every step
        writeFile(file: to, encoding: 'Base64', text: libraryResource(resource: 'bin/' + name, encoding: 'Base64'))
        return true
    } catch (Exception e) {
        // an abort, say, or a full disk
        if (!e.message?.contains('bin/' + name)) throw e
        return false
    }
}

/** From where an agent can fetch the program, checked before anything; nothing where nobody has said it. What is told has none of its secrets. */
String address(Map args) {
    String template = (args.helperUrl ?: env.ECS_BG_URL ?: '').toString()
    if (!template) return ''
    String from = args.helperUrl ? 'helperUrl' : 'ECS_BG_URL'
    // as a whole: nothing that curl would take for a second line or word
    if (!template.matches('(?=[^\\s\\p{Cntrl}"\\\\]+$)https?://([^/?#@{}]+@)?[^/?#@]+/.+')) {
        error("${from} is not an address such as https://artifacts.example/ecs-bg/{version}/ecs-bg-{system}-{processor}.gz " +
            '(http or https; what is special in a user or password is percent-encoded)')
    }
    String rest = template.replaceAll('//[^/@]*@', '//').replaceAll('\\{(version|system|processor)\\}', '')
    if (rest.contains('{')) {
        error("${from} knows {version}, {system} and {processor}; it was given ${rest.replaceAll('^[^{]*(\\{[^}]*\\}?).*', '$1')}")
    }
    return template.replace('{version}', version())
}

/** What finds the program on an agent: the script, and the checksums of what it may copy or fetch (none, but in a release). */
Map finder() {
    return [script: libraryResource(resource: 'find-ecs-bg.sh'), checksums: libraryResource(resource: 'bin/checksums.txt')]
}

/** The id of a deployment where nobody gave one: the build's. In all steps of a build it is the same. */
String deploymentId() {
    return env.BUILD_TAG ? bounded(env.BUILD_TAG, 255) : null
}

/** Text of at most so many characters: a longer one is cut, and ends in a hash of all of it. */
String bounded(String text, int most) {
    if (text.length() <= most) return text
    // half of a character beyond 16 bits is none
    return text.substring(0, most - 17).replaceAll('\\p{Cs}$', '') + '-' + hash(text)
}

/** Logs docker in and, where the image is not in its repository yet, runs the makefile's target, or docker where it has none. */
Map image(String target, Map args) {
    return call('ecr-login', args, [
        'ECS_BG_TARGET=' + target, 'ECS_BG_MAKEFILE=' + (args.makefile ?: ''),
        'ECS_BG_CONTEXT=' + (args.context ?: '.'), 'ECS_BG_DOCKERFILE=' + (args.dockerfile ?: ''),
        // ecs-bg adds ECS_BG_IMAGE and the rest; on make's command line they win over what the makefile assigns
        'ECS_BG_COMMAND=' + '''
            makefile=${ECS_BG_MAKEFILE:-Makefile}
            if [ -n "$ECS_BG_MAKEFILE" ] || [ -e "$makefile" ]; then
                grep -Eq '^([^#:=]*[[:space:]])?'"$ECS_BG_TARGET"'([[:space:]][^:=]*)?:([^=]|$)' "$makefile"
                case $? in
                    0) exec make -f "$makefile" "$ECS_BG_TARGET" "GIT_COMMIT=$GIT_COMMIT" "REGION=$REGION" \\
                        "AWS_ACCOUNT_NUMBER=$AWS_ACCOUNT_NUMBER" "REPO_NAME=$REPO_NAME" "REGISTRY=$REGISTRY" ;;
                    1) ;;
                    *) exit 2 ;; # it cannot be read, as grep has said
                esac
            fi
            if [ "$ECS_BG_TARGET" = push-image ]; then exec docker push "$ECS_BG_IMAGE"; fi
            exec docker build -t "$ECS_BG_IMAGE" ${ECS_BG_DOCKERFILE:+-f "$ECS_BG_DOCKERFILE"} "$ECS_BG_CONTEXT"
        '''
    ])
}

/** FNV-1a in 64 bits: the sandbox has no digest, and String's hash takes 'Aa' and 'BB' for one. */
@NonCPS
private String hash(String text) {
    long hash = -3750763034362895579L
    for (int at = 0; at < text.length(); at++) hash = (hash ^ text.codePointAt(at)) * 1099511628211L
    return String.format('%016x', hash)
}

/** The oldest program that this library works with. */
private String version() {
    return '0.1.0'
}

private Map shell(String label, String script, List environment) {
    String output = ''
    withEnv(environment) {
        // Values come by the environment alone: there is nothing to quote and nothing to inject
        output = sh(label: label, returnStdout: true, encoding: 'UTF-8', script: script)
    }
    Map answer = decode(output)
    if (answer == null) error("${label}: its answer is not one JSON object: ${output.length() > 100 ? output.substring(0, 100) + ' …' : output}")   // no more: it may hold what a log must not
    return answer
}

/** The arguments of a step as JSON. A closure is `true`: the program knows the name, the step does the rest. */
@NonCPS
private String encode(Map args) {
    Map copy = plain(args)
    copy.remove('helperUrl')   // it may hold a password, and is not for the program
    return JsonOutput.toJson(copy)
}

/** Null for what is not one JSON object. */
@NonCPS
private Map decode(String text) {
    try {
        Object json = plain(new JsonSlurper().parseText(text))
        return json instanceof Map ? json : null
    } catch (Exception e) {
        return null
    }
}

/** A copy in maps, lists and values that can be saved: JsonSlurper's maps cannot. */
@NonCPS
private Object plain(Object value) {
    if (value instanceof Map) {
        Map copy = [:]
        for (entry in value.entrySet()) copy.put(entry.key.toString(), plain(entry.value))
        return copy
    }
    if (value instanceof Collection || value instanceof Object[]) {
        List copy = []
        for (item in value) copy.add(plain(item))
        return copy
    }
    if (value instanceof Closure) return true
    if (value == null || value instanceof Boolean || value instanceof Number) return value
    return value.toString()
}
