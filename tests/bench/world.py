"""The stand-in for AWS, and one account in it for each deployment."""

from __future__ import annotations

import json
import os
import subprocess
import urllib.request
from typing import Any

# Nothing takes time but the calls themselves: what is measured is the orchestration.
INSTANT = {
    "startSeconds": 0,
    "healthySeconds": 0,
    "steadySeconds": 0,
    "drainSeconds": 0,
    "goneSeconds": 0,
}


class Standin:
    def __init__(self, serve: str) -> None:
        self.process = subprocess.Popen(
            [serve, "--mode", "stateful"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout
        self.url: str = json.loads(self.process.stdout.readline())["url"]

    def close(self) -> None:
        self.process.terminate()
        self.process.wait()

    def post(self, path: str, body: Any) -> Any:
        request = urllib.request.Request(f"{self.url}/standin/{path}", json.dumps(body).encode(), method="POST")
        with urllib.request.urlopen(request) as reply:
            return json.load(reply)

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(f"{self.url}/standin/{path}") as reply:
            return json.load(reply)


class Account:
    """A service with a live blue version, and the environment of a caller."""

    def __init__(self, standin: Standin, path: str) -> None:
        self.standin = standin
        made = standin.post("accounts", {})
        self.id: str = made["accountId"]
        self.made: dict[str, Any] = standin.post(f"{self.id}/fixture", {})
        standin.post(f"{self.id}/knobs", INSTANT)
        self.image: str = self.made["image"].replace(":v1", ":v2")
        standin.post(f"{self.id}/images", {"repository": self.made["repository"], "tags": ["v2"]})
        self.env = {
            "PATH": path + os.pathsep + os.environ["PATH"],
            "HOME": os.environ.get("HOME", "/"),
            "AWS_ENDPOINT_URL": standin.url,
            "AWS_REGION": self.made["region"],
            "AWS_DEFAULT_REGION": self.made["region"],
            "AWS_ACCESS_KEY_ID": made["accessKeyId"],
            "AWS_SECRET_ACCESS_KEY": made["secretAccessKey"],
            "AWS_SESSION_TOKEN": made["sessionToken"],
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        }

    def calls(self) -> int:
        return len(self.standin.get(f"{self.id}/calls"))
