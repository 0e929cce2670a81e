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


def numbers(text):
    """1 to 3, 7 -> {1, 2, 3, 7}; the page has a dash for "to"."""
    found = set()
    for first, last in re.findall(r"(\d+)(?:(?:\u2013| to )(\d+))?", text):
        found.update(range(int(first), int(last or first) + 1))
    return found


def claims():
    """By file, the promises that a test says it holds, beside what holds them: `promise 3`, `promises 13 to 15`."""
    folders = [ROOT / "src", ROOT / "tests"]
    files = [path for folder in folders for suffix in ("rs", "java") for path in folder.rglob(f"*.{suffix}")]
    said = re.compile(r"\b[Pp]romises? (\d+(?:(?: to |, | and )\d+)*)")
    found = {path.relative_to(ROOT).as_posix(): numbers(" ".join(said.findall(path.read_text()))) for path in files}
    return {name: held for name, held in found.items() if held}


def test_every_promise_is_held_by_the_suite_that_the_page_names():
    page = (ROOT / "docs/guarantees.md").read_text()
    promised = {int(number) for number in re.findall(r"(?m)^\| (\d+) \| \*\*", page)}
    assert promised == set(range(1, len(promised) + 1)), promised
    table = page.split("| Suite |")[1].split("\n\n")[0]
    rows = [[cell.strip() for cell in line.strip("| ").split("|")] for line in table.splitlines()[2:]]
    by_file, named = claims(), set()
    for suite, _, held, where, *_ in rows:
        places = re.findall(r"`([^`]+)`", where)
        of_suite = set().union(*(held for name, held in by_file.items() if name.startswith(tuple(places))))
        missing = numbers(held) - of_suite
        assert not missing, f"{suite}: no file of {places} says that it holds the promises {sorted(missing)}"
        named |= numbers(held)
    assert named == promised, "promises that no suite holds, or that are none: see the table of docs/guarantees.md"
    unknown = {name: held - promised for name, held in by_file.items() if held - promised}
    assert not unknown, f"no such promises: {unknown}"
