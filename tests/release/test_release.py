"""`make release`: what it refuses, and what a release is. Each test has a clone of its own of this tree."""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import ROOT

PROGRAMS = {"ecs-bg-linux-x86_64": b"one", "ecs-bg-linux-aarch64": b"other"}
# what takes long is done elsewhere: the suite itself is `checks`
QUICK = ["--skip", "checks,build,again,papers"]


@dataclass
class Repository:
    path: Path

    def git(self, *arguments: str) -> str:
        done = subprocess.run(["git", *arguments], cwd=self.path, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def release(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        env = dict(os.environ, CARGO_NET_OFFLINE="true")
        return subprocess.run(["release/cut", *arguments], cwd=self.path, env=env, capture_output=True, text=True)

    def text(self, name: str) -> str:
        return (self.path / name).read_text()

    def change(self, name: str, edit: Callable[[str], str]) -> None:
        (self.path / name).write_text(edit(self.text(name)))

    def commit(self) -> None:
        self.git("commit", "--quiet", "--all", "--message", "changed")

    def programs(self, version: str) -> None:
        """As release/build leaves them."""
        dist = self.path / "dist"
        dist.mkdir()
        lines = []
        for name, content in PROGRAMS.items():
            (dist / name).write_bytes(content)
            (dist / f"{name}.gz").write_bytes(gzip.compress(content))
            lines.append(f"{hashlib.sha256(content).hexdigest()}  {name}\n")
        (dist / "checksums.txt").write_text("".join(lines))
        (dist / "manifest.json").write_text(f'{{\n  "version": "{version}",\n  "programs": []\n}}\n')

    def state(self) -> tuple[str, str, str]:
        return self.git("rev-parse", "HEAD"), self.git("tag"), self.git("status", "--porcelain")


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is in the tree here, committed or not, as one commit."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    made = Repository(tmp_path_factory.mktemp("release") / "tree")
    for name in filter(None, names.split("\0")):
        if (ROOT / name).exists():
            (made.path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, made.path / name)
    # at any time the changelog may be empty here, and the version another
    made.change(
        "CHANGELOG.md",
        lambda text: re.sub(r"## \[Unreleased\]\n", "## [Unreleased]\n\n### Added\n\n- A thing.\n", text),
    )
    made.change("Cargo.toml", lambda text: re.sub(r'(?m)^version = ".*"$', 'version = "0.1.0"', text, count=1))
    made.change("Cargo.lock", lambda text: re.sub(r'(name = "ecs-bg"\nversion = )".*"', r'\1"0.1.0"', text))
    made.git("init", "--quiet", "--initial-branch", "main")
    made.git("add", "--all")
    made.git(
        "-c", "user.name=A Name", "-c", "user.email=name@example.com", "commit", "--quiet", "--message", "the tree"
    )
    return made.path


@pytest.fixture
def repository(tree: Path, tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "here")
    subprocess.run(["git", "clone", "--quiet", tree, made.path], check=True)
    for setting in (("user.name", "A Name"), ("user.email", "name@example.com"), ("commit.gpgsign", "false")):
        made.git("config", *setting)
    return made


def dirty(at: Repository) -> None:
    at.change("README.md", lambda text: text + "\nmore\n")


def untracked(at: Repository) -> None:
    (at.path / "notes.txt").write_text("mine")


def nothing_unreleased(at: Repository) -> None:
    at.change(
        "CHANGELOG.md",
        lambda text: re.sub(r"(?s)## \[Unreleased\].*?(?=\n## \[)", "## [Unreleased]\n\n### Added\n", text),
    )
    at.commit()


def tagged(name: str) -> Callable[[Repository], None]:
    return lambda at: at.git("tag", name) and None


def detached(at: Repository) -> None:
    at.git("checkout", "--quiet", "--detach")


def other_programs(at: Repository) -> None:
    at.programs("0.2.0")
    (at.path / "dist/ecs-bg-linux-x86_64").write_bytes(b"changed")


@pytest.mark.parametrize(
    ("arguments", "spoil", "said"),
    [
        ([], None, "no version is given"),
        (["v0.2.0"], None, "VERSION=v0.2.0 is not three numbers"),
        (["0.2"], None, "is not three numbers"),
        (["0.2.0-rc1"], None, "is not three numbers"),
        (["0.02.0"], None, "is not three numbers"),
        (["0.1000.0"], None, "more than 999"),
        (["0.2.0", "--fast"], None, "no such option: --fast"),
        (["0.2.0", "--skip", "test"], None, "there is no such part"),
        (["0.2.0"], dirty, "README.md"),
        (["0.2.0"], untracked, "notes.txt"),
        (["0.2.0"], detached, "no branch is checked out"),
        (["0.0.9"], None, "VERSION=0.0.9 is before 0.1.0"),
        (["0.9.0"], tagged("v0.10.0"), "VERSION=0.9.0 is before 0.10.0"),
        (["0.2.0"], tagged("v0.2.0"), "v0.2.0 is there already"),
        (["0.2.0"], nothing_unreleased, "nothing under [Unreleased]"),
        (["0.2.0", *QUICK], None, "dist/ holds no programs"),
        (["0.2.0", *QUICK], other_programs, "are not those of dist/checksums.txt"),
        (["0.2.0", *QUICK], lambda at: at.programs("0.1.9"), "are not 0.2.0"),
    ],
)
def test_it_refuses(
    repository: Repository, arguments: list[str], spoil: Callable[[Repository], None] | None, said: str
) -> None:
    if spoil:
        spoil(repository)
    before = repository.state()
    done = repository.release(*arguments)
    assert done.returncode == 1 and said in done.stderr, done
    assert repository.state() == before


def test_a_check_changes_nothing(repository: Repository) -> None:
    before = repository.state()
    done = repository.release("0.2.0", "--check")
    assert done.returncode == 0 and "0.2.0 can be released from main" in done.stdout, done
    assert repository.state() == before


@pytest.mark.parametrize("binaries", [False, True])
def test_it_is_a_commit_and_a_tag_beside_it_with_the_checksums(repository: Repository, binaries: bool) -> None:
    repository.programs("0.2.0")
    checksums = repository.text("resources/bin/checksums.txt")
    before, _, _ = repository.state()
    done = repository.release("0.2.0", *QUICK, *(["--with-binaries"] if binaries else []))
    assert done.returncode == 0, done
    head, tags, status = repository.state()
    pushed = repository.git("ls-remote", "origin").split()
    assert pushed == [before, "HEAD", before, "refs/heads/main"], "nothing is"
    assert (tags, status) == ("v0.2.0", "") and repository.git("rev-parse", "HEAD~1") == before
    assert repository.git("log", "-1", "--format=%s") == "Release 0.2.0"

    assert 'version = "0.2.0"\n' in repository.text("Cargo.toml")
    assert 'name = "ecs-bg"\nversion = "0.2.0"\n' in repository.text("Cargo.lock")
    assert "return '0.2.0'\n" in repository.text("vars/ecsBg.groovy")
    for name in ("README.md", "Jenkinsfile.example", "examples/Jenkinsfile.declarative"):
        assert "'ecs-blue-green@v0.2.0'" in repository.text(name), name
    assert re.search(
        r"## \[Unreleased\]\n\n## \[0\.2\.0\] - \d{4}-\d\d-\d\d\n\n### Added\n\n- A thing\.\n",
        repository.text("CHANGELOG.md"),
    )

    # the branch is as it was between releases; the tag knows its programs
    assert repository.text("resources/bin/checksums.txt") == checksums
    assert repository.git("rev-parse", "v0.2.0^{commit}~1") == head
    assert repository.git("show", "v0.2.0:resources/bin/checksums.txt") == repository.text("dist/checksums.txt").strip()
    packed = {f"resources/bin/{name}.gz" for name in PROGRAMS}
    changed = set(repository.git("diff", "--name-only", "HEAD", "v0.2.0").splitlines())
    assert changed == {"resources/bin/checksums.txt"} | (packed if binaries else set())
    assert '"skipped": "checks,build,again,papers"' in repository.text("dist/manifest.json")
    # and the next one goes on from there
    assert "nothing under [Unreleased]" in repository.release("0.2.1").stderr


def test_what_goes_wrong_leaves_everything_as_it_was(repository: Repository) -> None:
    repository.programs("0.2.0")
    hook = repository.path / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    before = repository.state()
    done = repository.release("0.2.0", *QUICK)
    assert done.returncode != 0 and "the files are as they were" in done.stderr, done
    assert repository.state() == before
