"""The pages name what the program has: every error code, every link."""

import re
import tomllib

import pytest
from conftest import ROOT

PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md")),
         *sorted((ROOT / "examples").rglob("*.md"))]


def program():
    """The program's source without its unit tests, which stand at a file's end."""
    for path in sorted((ROOT / "src").rglob("*.rs")):
        if path.name != "tests.rs":
            yield path.read_text().split("#[cfg(test)]\nmod tests")[0]


def codes():
    calls = "refused|usage|not_found|unexpected|warn|finding|blocking|warning"
    pattern = rf'(?:{calls})\(\s*"([a-z][a-z-]+)"|Kind::\w+,\s*"([a-z][a-z-]+)"'
    found = {a or b for text in program() for a, b in re.findall(pattern, text)}
    assert found
    return found


def test_every_error_code_is_explained():
    explained = set(re.findall(r"`([a-z][a-z-]+)`", (ROOT / "docs/errors.md").read_text()))
    assert sorted(codes() - explained) == []


def test_every_parameter_is_explained():
    table = "".join(path.read_text() for path in (ROOT / "src/config/table").glob("*.rs") if path.name != "tests.rs")
    names = re.findall(r'\bparameter\(\s*"([A-Za-z.]+)",\s*Kind::(?!Group)', table)
    assert len(names) > 50
    rows = set(re.findall(r"(?m)^\| `([A-Za-z.]+)` \|", (ROOT / "docs/configuration.md").read_text()))
    assert [name for name in names if name not in rows] == []


def test_every_dependency_has_a_reason_and_nothing_else_has():
    manifest = tomllib.loads((ROOT / "Cargo.toml").read_text())
    rows = re.findall(r"(?m)^\| (`.+?) \|", (ROOT / "docs/dependencies.md").read_text())
    explained = {crate for row in rows for crate in re.findall(r"`([a-z0-9_-]+)`", row)}
    assert explained == {*manifest["dependencies"], *manifest["dev-dependencies"]}


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), target
        if anchor:
            headings = re.findall(r"(?m)^#+ (.+)$", file.read_text())
            slugs = {re.sub(r"[^a-z0-9 -]", "", h.lower()).replace(" ", "-") for h in headings}
            assert anchor in slugs, target


def test_the_readme_stays_readable():
    assert len((ROOT / "README.md").read_text().splitlines()) <= 250
