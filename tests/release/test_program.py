"""What a release's file is: small, and of no machine."""

from __future__ import annotations

import gzip
import os
import re
import subprocess
from pathlib import Path

from conftest import ROOT

MB = 1_000_000


def test_it_is_small(program: Path) -> None:
    content = program.read_bytes()
    packed = len(gzip.compress(content, 9))
    print(f"size: {len(content) / MB:.2f} MB, {packed / MB:.2f} MB compressed")
    # glibc by itself is 0.8 MB; what is published is built with musl
    most, most_packed = (8, 3.4) if "-musl" in str(program) else (8.5, 3.8)
    assert len(content) <= most * MB and packed <= most_packed * MB


def test_it_names_no_place_of_the_machine_that_built_it(program: Path) -> None:
    content = program.read_bytes()
    sysroot = subprocess.run(
        ["rustc", "--print", "sysroot"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    home = Path.home()
    needles = [ROOT, os.environ.get("CARGO_HOME", home / ".cargo"), os.environ.get("RUSTUP_HOME", home / ".rustup")]
    needles += [sysroot.strip(), f"{home}/", ".cargo", "index.crates.io"]
    for needle in needles:
        assert str(needle).encode() not in content, needle
    assert not re.findall(rb"/(?:home|root|Users|tmp|builds|workspace)/[\w.-]+/", content)
