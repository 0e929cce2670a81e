#!/usr/bin/env bash
# Tests the new version before it gets live traffic: smoke.sh URL, where URL is
# the test listener's (ECS_BG_TEST_URL in the `validate` hook). Exit 0 lets the
# deployment go on; anything else removes the new version.
set -euo pipefail

url="${1:?usage: smoke.sh URL}"
url="${url%/}"

# A listener's change takes a moment to reach every node of the load balancer:
# some tries, then a clear end.
for path in /healthz /; do
  if ! body=$(curl --fail --silent --show-error --max-time 5 --retry "${SMOKE_RETRIES:-5}" --retry-delay 1 --retry-all-errors "$url$path"); then
    echo "smoke: $url$path does not answer" >&2
    exit 1
  fi
  echo "smoke: $path $body"
done
