#!/bin/sh
# Finds a fitting ecs-bg and becomes it; answers {"missing": …} where there is none. vars/ecsBg.groovy runs it in a `sh`; what it
# needs comes by the environment alone, so there is nothing to quote and nothing to inject. The #! keeps Jenkins from tracing it.
# Any POSIX shell does, with coreutils' or busybox's tools, gzip, and for a download curl or wget.
set -f

tried=
no() { # said once
    case $tried in *"$1; "*) ;; *) tried="$tried$1; " ;; esac
    return 1
}

# Which line of what a program says is told.
first='/[^[:space:]]/{p;q;}'
# shellcheck disable=SC2016 # its $ is sed's
last='/^curl: /{p;q;};/^ERROR: /{p;q;};/[^[:space:]]/h;${g;p;}' # curl and wget go on with advice
line() { # as it may stand in a log and in JSON, and not too long
    LC_ALL=C sed -n "$1" | LC_ALL=C tr '"' "'" | LC_ALL=C tr -d '[:cntrl:]\134' | LC_ALL=C cut -c 1-200
}

number() { # 1.2.3 -> 1002003
    rest=${1#*.}
    echo $((${1%%.*} * 1000000 + ${rest%%.*} * 1000 + ${rest#*.}))
}

fits() {
    [ -f "$1" ] || no "$1 is not a file" || return 1
    have=$("$1" --version 2>/dev/null) ||
        no "$1 does not run here (exit status $?): $(LC_ALL=C "$1" --version 2>&1 | line "$first")" || return 1
    have=${have##* }
    [ "$(number "${have%%[-+]*}")" -ge "$(number "$ECS_BG_NEEDS")" ] 2>/dev/null ||
        no "$1 is version $(printf '%s' "$have" | line "$first"), older than $ECS_BG_NEEDS"
}

become() {
    [ ! -f "$ECS_BG_PACKED" ] || rm -f "$ECS_BG_PACKED"
    unset ECS_BG_URL # it may hold a password
    if [ -n "$ECS_BG_COMMAND" ]; then exec "$1" --exit-zero "$ECS_BG_ACTION" -- sh -c "$ECS_BG_COMMAND"; fi
    exec "$1" --exit-zero "$ECS_BG_ACTION"
}

# ---- One that is there ----

installed() {
    if [ -z "$ECS_BG_HELPER" ]; then no 'no helper: or ECS_BG_HELPER'
    elif fits "$ECS_BG_HELPER"; then become "$ECS_BG_HELPER"
    else printf 'ecs-bg: %slooking elsewhere\n' "$tried" >&2; fi
    onPath=$(command -v ecs-bg)
    if [ -z "$onPath" ]; then no 'no ecs-bg on PATH'; elif fits "$onPath"; then become "$onPath"; fi
}

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

# ---- A copy of it: the cache of this user first, which all jobs of an agent share ----

me=$(id -u)
cache=${XDG_CACHE_HOME:-${HOME:+$HOME/.cache}}

ours() { # PATH, MODE as ls shows it: nobody else can have put it there or change it; a link is not what it leads to
    # shellcheck disable=SC2046 # its first words are wanted, which no name can disturb
    set -- "$2" $(LC_ALL=C ls -ldn "$1" 2>/dev/null)
    # shellcheck disable=SC2254 # a pattern
    case $2 in $1*) [ "$4" = "$me" ] ;; *) false ;; esac
}

intact() { have=$(sha256sum <"$1") && [ "${have%% *}" = "$sum" ]; }

within() { ours "$1" 'drwx--[-S]---' || ! echo 'it is not a directory of this user alone (0700)'; }

put() ( # unpacks into $directory, and by a rename: another job may be at it too
    umask 077
    mkdir -p "$directory" && within "$directory" && unpack >"$new" && chmod 700 "$new" &&
        { intact "$new" || ! echo 'what came is not what the checksum in the library is of'; } && mv -f "$new" "$copy" && exit
    rm -f "$new"
    exit 1
)

# No file of more than 64 MiB, whatever it unpacks to, or a server sends.
bounded() { ulimit -f 131072 2>/dev/null; }
unpack() { bounded; gzip -dc <"$ECS_BG_PACKED"; }

copies() { # becomes the first that fits; where $1 is "put", of each place that has none
    for directory in "$cache/ecs-bg" "${ECS_BG_PACKED%/*}/ecs-bg-$me" "${TMPDIR:-}/ecs-bg-$me" "/tmp/ecs-bg-$me"; do
        case $directory in /ecs-bg* | [!/]*) continue ;; esac
        copy=$directory/ecs-bg-$ECS_BG_NEEDS-$sum
        new=$directory/${ECS_BG_PACKED##*/}
        if within "$directory" >/dev/null && ours "$copy" -rwx------ && intact "$copy"; then :
        elif [ "$1" = put ]; then said=$(put 2>&1) || no "$directory cannot take it: $(printf '%s' "$said" | line "$last")" || continue
        else no "no good copy in $directory" || continue; fi
        if fits "$copy"; then become "$copy"; fi
    done
}

# ---- A download ----

# Without what may be secret in an URL: its user and password, and its query.
shown() { sed -e 's,://[^/@[:space:]]*@,://,g' -e 's,\(://[^?[:space:]]*\)?[^[:space:]]*,\1?...,g'; }

fetch() (
    bounded
    export LC_ALL=C
    mkdir -p "${ECS_BG_PACKED%/*}" || exit
    if command -v curl >/dev/null; then
        # by stdin: anybody on the machine can see arguments
        printf 'url = "%s"\n' "$url" | curl -fsSLg --proto =http,https --proto-redir =https --connect-timeout 15 \
            --max-time 120 --retry 2 -o "$ECS_BG_PACKED" -K -
    elif command -v wget >/dev/null; then
        # Debian's busybox has no timeout, and crashes on one
        case $(wget --help 2>&1) in *-T*) patience='-T 20' ;; *) patience= ;; esac
        # shellcheck disable=SC2086 # two words, or none
        wget $patience -t 3 -O "$ECS_BG_PACKED" "$url"
    else ! echo 'neither curl nor wget is here'; fi
)

download() {
    url=$(printf '%s' "$ECS_BG_URL" | sed "s/{system}/$system/g;s/{processor}/$processor/g")
    said=$(fetch 2>&1) && return
    rm -f "$ECS_BG_PACKED"
    said="$(printf '%s' "$url" | shown) was not to be had: $(printf '%s' "$said" | shown | line "$last")"
    printf 'ecs-bg: %s\n' "$said" >&2
    no "$said"
}

# The second time there is what the library brought.
[ -f "$ECS_BG_PACKED" ] || installed
# shellcheck disable=SC2086 # its words
sum=$(sumOf "$name" $ECS_BG_CHECKSUMS)
known=true
if [ -z "$sum" ]; then
    known=false
    no "the library has no checksum of $name, and nothing is fetched without one"
elif ! command -v sha256sum >/dev/null; then no 'sha256sum is not here'
else
    trap 'rm -f "$ECS_BG_PACKED" "$new"; exit 143' HUP INT TERM
    [ -f "$ECS_BG_PACKED" ] || copies
    if [ -f "$ECS_BG_PACKED" ] || { [ -n "$ECS_BG_URL" ] && download; }; then copies put; fi
    rm -f "$ECS_BG_PACKED"
fi
printf '{"missing":"%s","known":%s,"system":"%s","processor":"%s","tried":"%s"}' "$name" "$known" "$system" "$processor" \
    "$(printf '%s' "$tried" | tr -d '[:cntrl:]"\134')"
