"""The drawn reports in a real browser, under the header that Jenkins sends with artefacts."""

import contextlib
import functools
import http.server
import os
import shutil
import subprocess
import threading
import xml.etree.ElementTree as ElementTree

import pytest
from conftest import ROOT
from PIL import Image, ImageColor

REPORTS = ROOT / "tests/reports"
NAMES = ("rolled-back-by-a-gate", "rolled-back-under-load")
POLICY = "sandbox allow-same-origin; default-src 'none'; img-src 'self'; style-src 'self';"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
SVG = "{http://www.w3.org/2000/svg}"
BLUE, FAIL, PAPER, FAIL_GROUND = "#1f6fb5", "#c2410c", "#ffffff", "#fff4ee"

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: apt-get install chromium")


class Jenkins(http.server.SimpleHTTPRequestHandler):
    """Serves artefacts as Jenkins does; below /elsewhere/ by a redirect, as from an artefact store."""

    def do_GET(self):
        if self.path.startswith("/elsewhere/"):
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/elsewhere"))
            self.end_headers()
        else:
            super().do_GET()

    def end_headers(self):
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A server of the reports, and of pages: each picture as an image, and one that the policy does not let pass."""
    folder = tmp_path_factory.mktemp("site")
    for path in REPORTS.iterdir():
        shutil.copy(path, folder)
    for name in NAMES:
        (folder / f"image-of-{name}.html").write_text(
            f'<!DOCTYPE html><body leftmargin="0" topmargin="0"><img src="{name}.svg"></body>')
    (folder / "styled.html").write_text(
        '<!DOCTYPE html><body style="background: red"><img src="data:image/png;base64,AA=="></body>')
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Jenkins, directory=folder))
    with contextlib.closing(server.socket):
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def shot(url, folder):
    """The page as the browser draws it, and what its console says."""
    picture = folder / "shot.png"
    command = [CHROMIUM, "--headless", "--disable-gpu", "--hide-scrollbars", "--enable-logging=stderr", "--v=0",
               "--no-first-run", "--disable-dev-shm-usage", "--force-color-profile=srgb",
               f"--user-data-dir={folder}/profile", "--window-size=1040,900", f"--screenshot={picture}", url]
    if os.geteuid() == 0:
        command.append("--no-sandbox")
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert picture.exists(), done.stderr
    console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    with Image.open(picture) as image:
        return image.convert("RGB"), console


def places(name):
    """Places of the picture, by what is drawn there, with their colours: from the file itself."""
    picture = ElementTree.parse(REPORTS / f"{name}.svg").getroot()
    rects = list(picture.iter(SVG + "rect"))

    def inside(colour, **attributes):
        rect = next(r for r in rects if r.get("fill") == colour and all(r.get(k) == v for k, v in attributes.items()))
        return float(rect.get("x")) + 8, float(rect.get("y")) + 4

    def start(group, colour):
        """Where the area of a colour begins, as it is drawn."""
        area = next(path for path in group.iter(SVG + "path") if path.get("fill") == colour)
        left, top = area.get("d").removeprefix("M").split("V")[0].split(" ")
        return float(left), float(top)

    left, top = start(picture, BLUE)
    cell = [r for r in rects if r.get("fill") == FAIL and r.get("height") == "16"][-1]
    found = {
        "paper": ((5, 5), PAPER),
        "how it ended": (inside(FAIL_GROUND, rx="6"), FAIL_GROUND),
        "the stage that failed": (inside(FAIL, height="13"), FAIL),
        "blue's traffic": ((left + 4, top + 4), BLUE),
        "the look that failed": ((float(cell.get("x")) + 1.5, float(cell.get("y")) + 1.5), FAIL),
    }
    for users in picture.iterfind(f".//{SVG}g[@aria-label]"):
        if not users.get("aria-label").startswith("seen by users"):
            continue
        (left, base), (failed, below) = start(users, BLUE), start(users, FAIL)
        found["what users got of blue"] = ((left + 4, base - 4), BLUE)
        found["what failed, below it"] = ((failed + 2, below + 2), FAIL)
    return found


def holds(image, name, margin):
    for what, ((x, y), colour) in places(name).items():
        seen = image.getpixel((int(x + margin), int(y + margin)))
        assert seen == ImageColor.getrgb(colour), f"{what} at {x}, {y}: {seen}"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("page", "margin"), [
    ("/{}.svg", 0),
    ("/elsewhere/{}.svg", 0),
    ("/image-of-{}.html", 0),
    ("/{}.html", 8),
])
def test_a_picture_shows_as_it_is_and_breaks_no_policy(site, tmp_path, name, page, margin):
    image, console = shot(site + page.format(name), tmp_path)
    assert console == []
    holds(image, name, margin)


def test_the_picture_of_what_users_saw_is_among_those_that_are_shown():
    assert {"what users got of blue", "what failed, below it"} <= places("rolled-back-under-load").keys()


def test_a_page_that_does_break_it_is_told(site, tmp_path):
    image, console = shot(site + "/styled.html", tmp_path)
    assert image.getpixel((5, 5)) == (255, 255, 255)
    assert sum("Content Security Policy" in line for line in console) == 2, console
