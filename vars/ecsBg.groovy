import groovy.json.JsonOutput
import groovy.json.JsonSlurper

// The one way from the steps to the program ecs-bg. It holds no state: a build may be restarted between any two lines.

/**
 * Runs one action on the executor that is held, or on one of `args.agent`, and returns its result with `changed` and `warnings`.
 * Fails with the program's message, code and hint. `variables` (NAME=value) are for the shell.
 */
Map call(String action, Map args = [:], List variables = []) {
    Map answer = [:]
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
 * A second `sh` is needed once per agent, where the program has to be copied there first. `bundled` is what
 * checksums() returns, of who calls more than once.
 */
Map ask(String action, Map args = [:], List variables = [], String bundled = null) {
    String parameters = encode([build: env.BUILD_URL, deploymentId: args.taskSetArn ? null : deploymentId()] + args)
    // execve takes 128 KiB for one string, its name and its end included; the text is ASCII
    int most = 128 * 1024 - 'ECS_BG_PARAMS='.length() - 1
    if (parameters.length() > most) {
        error("ecs-bg ${action}: the parameters have ${parameters.length()} bytes, ${most} is the most that one call takes: put them into a file and name it with config:")
    }
    if (bundled == null) bundled = checksums()
    String temporary = env.WORKSPACE_TMP ?: pwd(tmp: true)
    List environment = [
        'ECS_BG_ACTION=' + action, 'ECS_BG_PARAMS=' + parameters,
        'ECS_BG_HELPER=' + (args.helper ?: env.ECS_BG_HELPER ?: ''), 'ECS_BG_NEEDS=' + version(),
        'ECS_BG_CHECKSUMS=' + bundled, 'ECS_BG_TMP=' + temporary, 'ECS_BG_COMMAND=', 'ECS_BG_UPLOAD='
    ] + variables
    String label = 'ecs-bg ' + action + (args.service ? ' ' + args.service : '')
    Map answer = shell(label, environment)
    if (answer.missing && bundled.contains(answer.missing)) {
        String upload = temporary + '/' + answer.missing + '-' + UUID.randomUUID().toString()
        // nested: in a variable, its megabytes would be saved with the program's state at every step
        writeFile(file: upload, encoding: 'Base64', text: libraryResource(resource: 'bin/' + answer.missing, encoding: 'Base64'))
        answer = shell(label + ' (copied)', environment + ['ECS_BG_UPLOAD=' + upload])
    }
    if (answer.missing) {
        error("ecs-bg: no program for ${answer.system} on ${answer.processor} here. Tried: ${answer.tried}" +
            'Name one with helper: or ECS_BG_HELPER, put it on the agent\'s PATH, or use a release of this library, which brings its own.')
    }
    return answer
}

/** Which programs the library brings: none, but for a release. */
String checksums() {
    return libraryResource(resource: 'bin/checksums.txt')
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

private Map shell(String label, List environment) {
    String output = ''
    withEnv(environment) {
        // A constant: values come by the environment alone, so there is nothing to quote and nothing to inject.
        // The #! keeps Jenkins from tracing it.
        output = sh(label: label, returnStdout: true, encoding: 'UTF-8', script: '''#!/bin/sh
# Finds a fitting ecs-bg and becomes it; says "missing" where there is none.
tried=
no() { tried="$tried$1; "; return 1; }

line() { # of what comes in: the first that says something, as it may stand in a log and in JSON, and not too long
    LC_ALL=C sed -n '/[^[:space:]]/{p;q;}' | LC_ALL=C tr '"' "'" | LC_ALL=C tr -d '[:cntrl:]\\134' | LC_ALL=C cut -c 1-200
}

number() { # 1.2.3 -> 1002003
    rest=${1#*.}
    echo $(( ${1%%.*} * 1000000 + ${rest%%.*} * 1000 + ${rest#*.} ))
}

fits() {
    [ -f "$1" ] || no "$1 is not a file" || return 1
    have=$("$1" --version 2>/dev/null) ||
        no "$1 does not run here (exit status $?): $(LC_ALL=C "$1" --version 2>&1 | line)" || return 1
    have=${have##* }
    [ "$(number "${have%%[-+]*}")" -ge "$(number "$ECS_BG_NEEDS")" ] 2>/dev/null ||
        no "$1 is version $(printf '%s' "$have" | line), older than $ECS_BG_NEEDS"
}

become() {
    [ -z "$ECS_BG_UPLOAD" ] || rm -f "$ECS_BG_UPLOAD" 2>/dev/null
    if [ -n "$ECS_BG_COMMAND" ]; then exec "$1" --exit-zero "$ECS_BG_ACTION" -- sh -c "$ECS_BG_COMMAND"; fi
    exec "$1" --exit-zero "$ECS_BG_ACTION"
}

if [ -z "$ECS_BG_HELPER" ]; then no 'no helper: or ECS_BG_HELPER'
elif fits "$ECS_BG_HELPER"; then become "$ECS_BG_HELPER"
else printf 'ecs-bg: %slooking elsewhere\\n' "$tried" >&2; fi

onPath=$(command -v ecs-bg)
if [ -z "$onPath" ]; then no 'no ecs-bg on PATH'; elif fits "$onPath"; then become "$onPath"; fi

case $(uname -s) in Linux) system=linux ;; Darwin) system=darwin ;; *) system=other ;; esac
case $(uname -m) in x86_64 | amd64) processor=x86_64 ;; aarch64 | arm64) processor=aarch64 ;; *) processor=$(uname -m) ;; esac
name=ecs-bg-$system-$processor

sumOf() { # NAME, then the lines of checksums.txt as words
    wanted=$1
    shift
    while [ $# -ge 2 ]; do
        [ "${2#[*]}" != "$wanted" ] || { echo "$1"; return; }
        shift 2
    done
}
set -f
sum=$(sumOf "$name" $ECS_BG_CHECKSUMS)

intact() { [ -f "$1" ] && have=$(sha256sum "$1") && [ "${have%% *}" = "$sum" ]; }

place() { # by another name and a rename: a parallel branch, or another user of the pod, may be at it too
    { intact "$ECS_BG_UPLOAD" || ! echo 'it came damaged'; } && mkdir -p "${1%/*}" && cp "$ECS_BG_UPLOAD" "$1.${ECS_BG_UPLOAD##*/}" &&
        chmod 755 "$1.${ECS_BG_UPLOAD##*/}" && mv -f "$1.${ECS_BG_UPLOAD##*/}" "$1" && return
    rm -f "$1.${ECS_BG_UPLOAD##*/}"
    return 1
}

if [ -z "$sum" ]; then no "the library brings no $name"; else
    for directory in "$ECS_BG_TMP" "${TMPDIR:-}" /tmp; do
        [ -n "$directory" ] || continue
        copy=$directory/ecs-bg-$ECS_BG_NEEDS-$sum
        if [ -n "$ECS_BG_UPLOAD" ] && ! intact "$copy"; then
            said=$(place "$copy" 2>&1) || no "$directory cannot take it: $(printf '%s' "$said" | line)" || continue
        fi
        if ! intact "$copy"; then no "$copy is not there, or its checksum is wrong"
        elif fits "$copy"; then become "$copy"; fi
    done
fi
[ -z "$ECS_BG_UPLOAD" ] || rm -f "$ECS_BG_UPLOAD" 2>/dev/null
printf '{"missing":"%s","system":"%s","processor":"%s","tried":"%s"}' "$name" "$system" "$processor" \\
    "$(printf '%s' "$tried" | tr -d '[:cntrl:]"\\134')"
''')
    }
    Map answer = decode(output)
    if (answer == null) error("${label}: its answer is not one JSON object: ${output.length() > 100 ? output.substring(0, 100) + ' …' : output}")   // no more: it may hold what a log must not
    return answer
}

/** The arguments of a step as JSON. A closure is `true`: the program knows the name, the step does the rest. */
@NonCPS
private String encode(Map args) {
    Map copy = plain(args)
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
