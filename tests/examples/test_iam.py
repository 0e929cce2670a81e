"""The policy against the source: no call is forgotten in it. tests/rust/iam has the rest, from recorded calls."""

import json
import re

from conftest import RESOURCES, ROOT

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


def test_every_call_that_the_source_names_is_allowed():
    assert sorted(called() - allowed("deploy.json")) == []
