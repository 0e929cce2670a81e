"""A service of the stand-in's with real requests, and the real program that deploys it."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import tempfile
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from standin import client

ROOT = Path(__file__).resolve().parents[2]
# It keeps the models, which take long to read.
BOTO = boto3.session.Session()
PROGRAM = ROOT / "target" / "debug" / "ecs-bg"


# Tasks start slowly on a busy machine.
until = functools.partial(client.until, seconds=30)


@dataclass
class Ended:
    """What one call of the program printed, and how it ended; no JSON where it was killed."""

    action: str
    code: int
    log: str
    json: dict[str, Any]

    @property
    def result(self) -> dict[str, Any]:
        return self.json["result"]

    def __str__(self) -> str:
        return f"{self.action} ended with {self.code}: {json.dumps(self.json.get('error'))}\n{self.log}"


class Service:
    """An account of its own, with a load balancer that listens; blue has all the traffic."""

    def __init__(self, url: str, **fixture: Any) -> None:
        self.url = url
        self.keys = client.control(url, "POST", "accounts", {})
        self.fixture = self.control("POST", "fixture", {"traffic": True, "desiredCount": 1, **fixture})
        # Readings by the second. A machine that is busy is no task that is unwell, and cuts off no request: the
        # deregistration takes a little longer than requests may take there.
        self.knobs(metricPeriod=1, replaceSeconds=600, drainSeconds=2)
        self.home = tempfile.TemporaryDirectory()

    def control(self, method: str, what: str, body: Any = None) -> Any:
        return client.control(self.url, method, f"{self.keys['accountId']}/{what}", body)

    def knobs(self, **knobs: Any) -> None:
        self.control("POST", "knobs", knobs)

    def end(self) -> None:
        self.control("DELETE", "traffic")
        self.home.cleanup()

    # What it looks like

    def weights(self) -> list[tuple[int, int]]:
        """Of blue and green, in each live listener or rule."""
        groups, found = self.fixture["targetGroups"], self.control("GET", "now")["weights"]
        return [(found[arn][groups["blue"]], found[arn][groups["green"]]) for arn in self.live()]

    def healthy(self, colour: str) -> int:
        groups = self.control("GET", "now")["groups"]
        states = groups.get(self.fixture["targetGroups"][colour], {})
        return states.get("healthy", 0) if set(states) <= {"healthy"} else -1

    def versions(self) -> list[str]:
        """The deployments that have a task set, also one that is on its way out."""
        return [ts["externalId"] for ts in self.control("GET", "now")["taskSets"]]

    def answering(self) -> str:
        """The version that a user gets who has never been here."""
        with urllib.request.urlopen(self.addresses[0]) as reply:
            return json.load(reply)["version"]

    def requests(self) -> int:
        """So many had a target so far."""
        return sum(row["requests"] for row in self.control("GET", "traffic")["counts"])

    @functools.cached_property
    def elb(self) -> Any:
        return BOTO.client(
            "elbv2",
            endpoint_url=self.url,
            region_name=self.fixture["region"],
            aws_access_key_id=self.keys["accessKeyId"],
            aws_secret_access_key=self.keys["secretAccessKey"],
            aws_session_token=self.keys["sessionToken"],
        )

    @functools.cached_property
    def addresses(self) -> list[str]:
        """Of the live listeners, as AWS tells them."""
        found = self.elb.describe_listeners(LoadBalancerArn=self.fixture["loadBalancerArn"])["Listeners"]
        live = [self.fixture["listenerArns"]["live"], *self.fixture["extraListeners"]]
        ports = [listener["Port"] for listener in found if listener["ListenerArn"] in live]
        return [f"http://{self.fixture['loadBalancerDns']}:{port}/" for port in ports]

    # The program

    def params(self, **more: Any) -> dict[str, Any]:
        f = self.fixture
        where = {key: f[key] for key in ("cluster", "service", "region", "targetGroups")}
        listeners = {**f["listeners"], "live": self.live()}
        # Requests follow the weights after `weightSeconds`, not after AWS's half a minute.
        quick = {"pollInterval": "200ms", "confirmations": 2, "drain": "2s"}
        return {**where, "listeners": listeners, **quick, **more}

    def live(self) -> list[str]:
        return [self.fixture["listeners"]["live"], *self.fixture["extraListeners"]]

    def environment(self, params: dict[str, Any]) -> dict[str, str]:
        keys = self.keys
        return {
            "PATH": os.environ["PATH"],
            "HOME": self.home.name,
            "AWS_EC2_METADATA_DISABLED": "true",
            # Nothing here speaks TLS, and reading all certificates of the machine would be half of a call's time.
            "SSL_CERT_FILE": str(ROOT / "tests" / "rust" / "support" / "root.pem"),
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": keys["accessKeyId"],
            "AWS_SECRET_ACCESS_KEY": keys["secretAccessKey"],
            "AWS_SESSION_TOKEN": keys["sessionToken"],
            "ECS_BG_PARAMS": json.dumps(params),
        }

    def start(self, action: str, **params: Any) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [PROGRAM, action],
            cwd=self.home.name,
            env=self.environment(self.params(**params)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, action: str, **params: Any) -> Ended:
        return ended(action, self.start(action, **params))

    def do(self, action: str, **params: Any) -> Ended:
        """It has to succeed."""
        done = self.run(action, **params)
        assert done.code == 0, done
        return done

    def bring_up(self, deployment: str, tag: str = "") -> None:
        """A version that is ready for traffic, with an image of that tag."""
        tag = tag or deployment
        self.control("POST", "images", {"repository": self.fixture["repository"], "tags": [tag]})
        image = f"{self.fixture['image'].rpartition(':')[0]}:{tag}"
        registered = self.do("register-task-definition", image=image).result
        self.do("create-task-set", deploymentId=deployment, taskDefinitionArn=registered["taskDefinitionArn"])
        self.do("wait-stable", deploymentId=deployment)
        self.do("enable-test-listener", deploymentId=deployment)


def ended(action: str, process: subprocess.Popen[str]) -> Ended:
    out, log = process.communicate(timeout=120)
    return Ended(action, process.returncode, log, json.loads(out) if out else {})
