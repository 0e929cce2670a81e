"""The program of a release, and what it may find around it."""

from __future__ import annotations

import json
import os
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import trustme
from network import Doors, Names, loopback_up
from world import Account, Standin

ROOT = Path(__file__).parents[2]
# a name under which the stand-in is reached, of each way that there is
BY_HOSTS, BY_PROXY = "hosts.aws.test", "proxy.aws.test"
ADDRESSES = {
    "four.aws.test": ["127.0.0.1"],
    "six.aws.test": ["::1"],
    # IPv6 does not answer
    "both.aws.test": ["fd00::1", "127.0.0.1"],
    # more than one UDP packet takes
    "many.aws.test": [f"127.0.{number}.1" for number in range(60)],
    "short.inner.test": ["127.0.0.1"],
}
CERTIFIED = [BY_HOSTS, BY_PROXY, *ADDRESSES, "short"]


@pytest.fixture(scope="session")
def program() -> Path:
    return Path(os.environ["ECS_BG_PROGRAM"])


@dataclass
class Surroundings:
    """One account behind each of the ways."""

    account: Account
    authority: trustme.CA
    doors: Doors
    names: Names


@pytest.fixture(scope="session")
def around() -> Iterator[Surroundings]:
    if "ECS_BG_APART" not in os.environ:
        pytest.skip("this machine gives no network namespace (unshare --net)")
    loopback_up()
    standin = Standin(str(ROOT / "tests/aws/serve"))
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(*CERTIFIED).configure_cert(context)
    doors, names = Doors(), Names(ADDRESSES)
    behind = urlsplit(standin.url).port
    assert behind
    for host in ("0.0.0.0", "::1"):
        doors.tls(host, 443, context, behind)
    doors.proxy("127.0.0.1", 3128, 443)
    names.serve("127.0.0.1")
    yield Surroundings(Account(standin, os.defpath), authority, doors, names)
    standin.close()


@dataclass
class Root:
    """A root directory that holds the program alone, and what a test puts there."""

    path: Path
    account: Account | None = None
    env: dict[str, str] = field(default_factory=dict)

    def put(self, name: str, content: str | bytes) -> None:
        path = self.path / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)

    def run(self, *arguments: str, **env: str) -> subprocess.CompletedProcess[bytes]:
        chroot = shutil.which("chroot", path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
        assert chroot
        return subprocess.run(
            [chroot, str(self.path), "/ecs-bg", *arguments], env=self.env | env, capture_output=True, timeout=60
        )

    def status(self, host: str, **env: str) -> dict[str, Any]:
        """What `status` answers, asked of the stand-in under that name."""
        assert self.account
        made = self.account.made
        given = ["--cluster", made["cluster"], "--service", made["service"], "--max-attempts", "1"]
        done = self.run("status", *given, **{"AWS_ENDPOINT_URL": f"https://{host}", **env})
        assert done.stdout, (done.returncode, done.stderr)
        return json.loads(done.stdout)


@pytest.fixture
def empty(program: Path, tmp_path: Path) -> Root:
    if "ECS_BG_APART" not in os.environ and os.geteuid():
        pytest.skip("only root may change its root directory")
    shutil.copy(program, tmp_path / "ecs-bg")
    return Root(tmp_path)


@pytest.fixture
def bare(around: Surroundings, empty: Root) -> Root:
    """With the certificate of the tests' authority, for an identity of the stand-in's."""
    empty.account = around.account
    empty.put("/bundle.pem", around.authority.cert_pem.bytes())
    keep = (
        "AWS_REGION",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_EC2_METADATA_DISABLED",
    )
    empty.env = {name: around.account.env[name] for name in keep} | {"AWS_CA_BUNDLE": "/bundle.pem"}
    return empty
