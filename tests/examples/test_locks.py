"""What comes from elsewhere is pinned: exact versions, of what they bring along too, and hashes where there are any."""

import re
import tomllib
import xml.etree.ElementTree as ElementTree

import pytest
from conftest import EXAMPLES, ROOT

SUITES = ["tests/aws", "tests/bench", "tests/examples"]
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)")


def pins(path):
    lines = [line for line in path.read_text().splitlines() if line and not line.startswith(("#", " "))]
    found = [PINNED.match(line) for line in lines]
    assert None not in found, lines
    return {match[1].lower().replace("_", "-"): match[2] for match in found}


@pytest.mark.parametrize("suite", SUITES)
def test_a_lock_has_what_is_asked_for_and_hashes_for_all(suite):
    lock = ROOT / suite / "requirements.txt"
    asked = pins(ROOT / suite / "requirements.in")
    if suite != "tests/bench":
        asked |= pins(EXAMPLES / "app/requirements.txt")
    locked = pins(lock)
    assert {name: locked.get(name) for name in asked} == asked
    assert len(locked) > len(asked)
    entries = re.split(r"(?m)^(?=[A-Za-z0-9])", lock.read_text())[1:]
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []


def test_crates_come_from_the_one_registry_with_checksums():
    packages = tomllib.loads((ROOT / "Cargo.lock").read_text())["package"]
    others = [package for package in packages if package["name"] != "ecs-bg"]
    assert len(packages) == len(others) + 1
    registry = "registry+https://github.com/rust-lang/crates.io-index"
    assert [p["name"] for p in others if p.get("source") != registry or "checksum" not in p] == []


def test_the_lock_is_taken_as_it_is():
    scripts = [ROOT / "Makefile", *sorted((ROOT / "tests").glob("*/run")), ROOT / "tests/run", ROOT / "tests/lint"]
    for path in scripts:
        for command in re.findall(r"cargo (?:build|test|run|clippy|check|install)\b[^\n]*", path.read_text()):
            assert "--locked" in command, (path, command)


def test_mavens_versions_are_exact():
    pom = ElementTree.parse(ROOT / "tests/pipeline/pom.xml").getroot()
    named = [tag for kind in ("dependency", "plugin") for tag in pom.iter("{http://maven.apache.org/POM/4.0.0}" + kind)]
    versions = [tag.findtext("{http://maven.apache.org/POM/4.0.0}version") for tag in named]
    assert len(versions) > 5
    assert [v for v in versions if not v or not re.fullmatch(r"[0-9]+(\.[0-9]+)+(-jre)?", v)] == []
