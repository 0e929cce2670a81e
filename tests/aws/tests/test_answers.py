"""What users are answered without traffic."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from conftest import Account


def ask(account: Account, tmp_path: Path, port: str, of: str = "") -> tuple[int, Any]:
    """By curl, as an agent's script does."""
    standin = account.url.removeprefix("http://")
    lines = f'connect-to = "::{standin}"\nheader = "X-Standin-Account: {of or account.id}"\n'
    (tmp_path / ".curlrc").write_text(lines)
    url = f"http://{account.fixture['loadBalancerDns']}{port}/healthz"
    command = ["curl", "--silent", "--fail", url]
    done = subprocess.run(command, env={"CURL_HOME": str(tmp_path)}, capture_output=True, check=False)
    return done.returncode, json.loads(done.stdout) if done.stdout else None


def test_one_of_a_version_that_the_weights_lead_to(account: Account, tmp_path: Path) -> None:
    old = account.fixture["taskSetArn"].rsplit("/", 1)[1]
    assert ask(account, tmp_path, "")[1]["taskSet"].endswith(old)
    account.control("POST", "weights", {"live": {"blue": 0, "green": 100}})
    assert ask(account, tmp_path, "") == (22, None), "503: nothing runs in green"
    account.green(externalId="d7")
    account.control("POST", "clock", {"advance": 60})
    assert ask(account, tmp_path, "")[1]["deployment"] == "d7"


def test_whoever_asks_for_what_is_not_there_is_told_so(account: Account, tmp_path: Path) -> None:
    assert ask(account, tmp_path, ":81") == (22, None)
    assert ask(account, tmp_path, "", of="nobody") == (22, None)
