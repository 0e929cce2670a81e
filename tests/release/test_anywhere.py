"""It runs on any Linux of its processor: each test's root holds the program, and what the test puts there."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from conftest import ADDRESSES, BY_HOSTS, BY_PROXY, ROOT, Root, Surroundings

HOSTS = f"127.0.0.1 localhost {BY_HOSTS}\n"
SERVER = "nameserver 127.0.0.1\noptions timeout:3\n"


def well(answer: dict[str, Any]) -> None:
    assert answer["ok"], answer["error"]


def test_it_starts_in_a_root_that_holds_nothing_else(empty: Root) -> None:
    done = empty.run("--version")
    version = re.search(r'^version = "(.*)"$', (ROOT / "Cargo.toml").read_text(), re.MULTILINE)
    assert version and done.stdout.decode() == f"ecs-bg {version[1]}\n", done.stderr
    assert empty.run("status", "--help").returncode == 0
    assert [path.name for path in empty.path.iterdir()] == ["ecs-bg"]


def test_it_speaks_https_with_the_certificates_of_a_bundle_to_a_name_of_etc_hosts(bare: Root) -> None:
    bare.put("/etc/hosts", HOSTS)
    answer = bare.status(BY_HOSTS)
    well(answer)
    assert answer["result"]["state"] == "settled"


@pytest.mark.parametrize("place", ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"])
def test_it_finds_the_certificates_of_the_system(bare: Root, around: Surroundings, place: str) -> None:
    bare.put("/etc/hosts", HOSTS)
    refused = bare.status(BY_HOSTS, AWS_CA_BUNDLE="")
    assert refused["error"]["code"] == "unreachable" and "certificate" in refused["error"]["message"], refused
    bare.put(place, around.authority.cert_pem.bytes())
    well(bare.status(BY_HOSTS, AWS_CA_BUNDLE=""))


def test_it_goes_by_a_proxy_which_alone_knows_the_name(bare: Root, around: Surroundings) -> None:
    bare.put("/etc/hosts", "127.0.0.1 proxy\n")
    assert bare.status(BY_PROXY)["error"]["code"] == "unreachable"
    around.doors.asked.clear()
    well(bare.status(BY_PROXY, HTTPS_PROXY="http://proxy:3128"))
    assert set(around.doors.asked) == {f"CONNECT {BY_PROXY}:443 HTTP/1.1"}


@pytest.mark.parametrize("name", [name for name in ADDRESSES if name.endswith("aws.test")])
def test_it_asks_the_name_server_of_resolv_conf(bare: Root, around: Surroundings, name: str) -> None:
    bare.put("/etc/resolv.conf", SERVER)
    around.names.asked.clear()
    well(bare.status(name))
    assert {asked for _, _, asked in around.names.asked} == {name}
    assert ("tcp" in {how for how, _, _ in around.names.asked}) == name.startswith("many")


def test_it_completes_a_short_name_by_the_search_domains(bare: Root, around: Surroundings) -> None:
    bare.put("/etc/resolv.conf", "search outer.test inner.test\n" + SERVER)
    around.names.asked.clear()
    well(bare.status("short"))
    assert "short.inner.test" in {asked for _, _, asked in around.names.asked}


def test_it_says_which_name_does_not_resolve(bare: Root) -> None:
    for conf in (SERVER, None):
        if conf:
            bare.put("/etc/resolv.conf", conf)
        else:
            # Nothing says where to ask, and where it asks then is nobody.
            (bare.path / "etc/resolv.conf").unlink()
        failed = bare.status("nowhere.aws.test")["error"]
        assert failed["code"] == "unreachable" and "nowhere.aws.test" in failed["message"], failed
        assert "does not resolve" in failed["message"], failed


def test_it_loads_no_module_of_the_machine_to_resolve_names(
    bare: Root, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A module is linked with the machine's libc, which is another than the one in the program."""
    built = tmp_path_factory.mktemp("module")
    source, module = built / "trap.c", built / "libnss_trap.so.2"
    source.write_text("__attribute__((constructor)) static void loaded(void) { __builtin_trap(); }\n")
    subprocess.run(["cc", "-shared", "-fPIC", "-nostdlib", "-o", module, source], check=True)
    for place in places(module):
        bare.put(place, module.read_bytes())
    bare.put("/etc/nsswitch.conf", "passwd: trap\nhosts: trap [!UNAVAIL=return] files dns\n")
    bare.put("/etc/hosts", HOSTS)
    bare.put("/etc/resolv.conf", SERVER)
    for name in (BY_HOSTS, "four.aws.test"):
        well(bare.status(name))
    assert bare.status("nowhere.aws.test")["error"]["code"] == "unreachable"


def places(module: Path) -> list[str]:
    """Where a libc looks for its modules."""
    machines = ["x86_64-linux-gnu", "aarch64-linux-gnu"]
    directories = ["lib", "lib64", "usr/lib", "usr/lib64"] + [
        f"{top}/{one}" for top in ("lib", "usr/lib") for one in machines
    ]
    return [f"{directory}/{module.name}" for directory in directories]
