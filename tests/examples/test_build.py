"""The team's build, and the application itself, run here with gunicorn."""

import os
import py_compile
import re
import socket
import subprocess
import sys
import time

import pytest
from conftest import EXAMPLES

IMAGE = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:0a1b2c3"


def make(*targets, **variables):
    # An environment of our own: whatever the build server sets must not leak in.
    env = {"PATH": os.environ["PATH"], **variables}
    return subprocess.run(["make", "--no-print-directory", "--dry-run", *targets], cwd=EXAMPLES, env=env,
                          capture_output=True, text=True)


def docker_lines(done):
    assert done.returncode == 0, done.stderr
    return [line for line in done.stdout.splitlines() if line.startswith("docker ")]


def test_build_image():
    done = make("build-image", GIT_COMMIT="0a1b2c3", AWS_ACCOUNT_NUMBER="111122223333")
    assert docker_lines(done) == [
        "docker build --build-arg APP_VERSION=0a1b2c3 -t web:0a1b2c3 app",
        f"docker tag web:0a1b2c3 {IMAGE}",
    ]


def test_push_image():
    done = make("push-image", GIT_COMMIT="0a1b2c3", AWS_ACCOUNT_NUMBER="111122223333")
    assert docker_lines(done) == [f"docker push {IMAGE}"]


def test_the_environment_wins_over_makefile_env():
    places = {"AWS_ACCOUNT_NUMBER": "444455556666", "REGION": "us-east-1", "REPO_NAME": "shop/web"}
    done = make("push-image", GIT_COMMIT="f00", **places)
    assert docker_lines(done) == ["docker push 444455556666.dkr.ecr.us-east-1.amazonaws.com/shop/web:f00"]


def test_without_an_account_nothing_is_built():
    done = subprocess.run(["make", "build-image", "GIT_COMMIT=f00"], cwd=EXAMPLES, capture_output=True, text=True,
                          env={"PATH": os.environ["PATH"]})
    assert done.returncode != 0 and "AWS_ACCOUNT_NUMBER is not set" in done.stderr


def test_the_image_does_not_run_as_root():
    users = re.findall(r"(?m)^USER (\S+)$", (EXAMPLES / "app/Dockerfile").read_text())
    assert users and users[-1] not in ("root", "0")


def test_the_dockerfile_checks_health_and_copies_what_exists():
    text = (EXAMPLES / "app/Dockerfile").read_text()
    assert "HEALTHCHECK" in text
    for line in re.findall(r"(?m)^COPY (.+)$", text):
        for source in line.split()[:-1]:
            assert (EXAMPLES / "app" / source).exists(), source


def test_app_compiles(tmp_path):
    py_compile.compile(str(EXAMPLES / "app/app.py"), cfile=str(tmp_path / "app.pyc"), doraise=True)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@pytest.fixture
def running_app(tmp_path):
    """The image's own command line, on a free port."""
    [command] = re.findall(r"(?m)^CMD (\[.+\])$", (EXAMPLES / "app/Dockerfile").read_text())
    args = [a.strip().strip('"') for a in command.strip("[]").split(",")]
    port = free_port()
    args[args.index("--bind") + 1] = f"127.0.0.1:{port}"
    server = subprocess.Popen([sys.executable, "-m", *args], cwd=EXAMPLES / "app",
                              env={**os.environ, "APP_VERSION": "0a1b2c3"},
                              stdout=subprocess.DEVNULL, stderr=(tmp_path / "log").open("w"))
    try:
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                assert time.monotonic() < deadline and server.poll() is None, (tmp_path / "log").read_text()
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.terminate()
        server.wait(timeout=30)


def test_smoke_accepts_the_running_application(running_app):
    done = subprocess.run([EXAMPLES / "smoke.sh", running_app], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert '"version":"0a1b2c3"' in done.stdout


def test_smoke_refuses_silence():
    env = {**os.environ, "SMOKE_RETRIES": "0"}
    command = [EXAMPLES / "smoke.sh", f"http://127.0.0.1:{free_port()}/"]
    done = subprocess.run(command, capture_output=True, text=True, env=env)
    assert done.returncode == 1 and "does not answer" in done.stderr


def test_smoke_without_an_address_says_how_it_is_called():
    done = subprocess.run([EXAMPLES / "smoke.sh"], capture_output=True, text=True)
    assert done.returncode != 0 and "usage: smoke.sh URL" in done.stderr


def test_shell_scripts_are_sound():
    subprocess.run(["bash", "-n", str(EXAMPLES / "smoke.sh")], check=True)
