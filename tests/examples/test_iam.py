"""The policies against the program: what it calls is allowed, and what is allowed is called."""

import json
import re

from conftest import RESOURCES, ROOT

# docker's own calls when it pushes, with the token that ecr-login gave it.
DOCKER = {"BatchCheckLayerAvailability", "BatchGetImage", "CompleteLayerUpload", "InitiateLayerUpload", "PutImage",
          "UploadLayerPart"}
# Asked for by AWS beside a call that passes roles or tags.
BESIDE = {"PassRole", "TagResource"}
# Needs no permission in a policy of the caller's own account.
FREE = {"GetCallerIdentity"}


def called():
    """The operations of the SDK's clients that the source names: `ecs().describe_services()`."""
    found = set()
    for path in (ROOT / "src/aws").rglob("*.rs"):
        text = path.read_text().split("#[cfg(test)]\nmod tests")[0]
        for name in re.findall(
            r"\)\s*\.((?:describe|list|get|create|update|delete|register|deregister|modify|batch|put)_[a-z_]+)\(\)",
            text,
        ):
            found.add("".join(word.capitalize() for word in name.split("_")))
    assert "DescribeServices" in found
    return found - FREE - {"CreateSerializer"}


def allowed(name):
    statements = json.loads((RESOURCES / "iam" / name).read_text())["Statement"]
    return {
        action.split(":")[1]
        for s in statements
        for action in ([s["Action"]] if isinstance(s["Action"], str) else s["Action"])
    }


def test_every_call_is_allowed():
    assert sorted(called() - allowed("deploy.json")) == []


def test_every_read_is_allowed_to_read_only():
    reads = {name for name in called() if name.startswith(("Describe", "List"))}
    assert sorted(reads - allowed("read-only.json")) == []


def test_nothing_is_allowed_that_is_not_called():
    assert sorted(allowed("deploy.json") - called() - DOCKER - BESIDE) == []
