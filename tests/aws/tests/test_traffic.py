"""Requests through the load balancer that listens, to tasks that are processes."""

from __future__ import annotations

import http.client
import json
import math
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from conftest import Account
from standin.client import HOME, until
from standin.plane.routing import seal

TARGET = [sys.executable, str(Path(__file__).parent / "target.py"), "8080"]
SLOWLY = 20


class Live(Account):
    """An account with traffic, and what its users see."""

    def __init__(self, url: str, **spec: Any) -> None:
        super().__init__(url)
        self.build(traffic=True, **spec)

    def port(self, which: str = "live") -> int:
        arn = self.fixture["listenerArns"][which]
        return self.elb.describe_listeners(ListenerArns=[arn])["Listeners"][0]["Port"]

    def at(self, path: str = "/", which: str = "live") -> str:
        # As the program finds out where the test listener is.
        balancer = self.elb.describe_load_balancers(LoadBalancerArns=[self.fixture["loadBalancerArn"]])
        return f"http://{balancer['LoadBalancers'][0]['DNSName']}:{self.port(which)}{path}"

    def shift(self, **weights: int) -> None:
        """Live weights, and the time until they are those of all nodes."""
        action = self.forward(**weights)
        before = self.elb.describe_listeners(ListenerArns=[self.fixture["listeners"]["live"]])["Listeners"][0]
        sticky = before["DefaultActions"][0]["ForwardConfig"].get("TargetGroupStickinessConfig")
        if sticky:
            action[0]["ForwardConfig"]["TargetGroupStickinessConfig"] = sticky
        self.elb.modify_listener(ListenerArn=self.fixture["listeners"]["live"], DefaultActions=action)
        time.sleep(0.4)
        if 100 in weights.values():
            until(lambda: (ask(self.at())[1].get("version") == "v1") == (weights["blue"] == 100), SLOWLY)

    def steady_green(self, image: str = "web:v2", **changes: Any) -> str:
        arn = self.green(image, **changes)["taskSetArn"]
        until(lambda: self.task_set(arn)["stabilityStatus"] == "STEADY_STATE", SLOWLY)
        return arn

    def commanded(self) -> str:
        """A revision with a command of its own."""
        one = {"name": "web", "image": "web:v2", "memory": 128, "portMappings": [{"containerPort": 8080}]}
        made = self.ecs.register_task_definition(
            family="web",
            requiresCompatibilities=["FARGATE"],
            networkMode="awsvpc",
            cpu="256",
            memory="512",
            containerDefinitions=[{**one, "command": TARGET}],
        )
        return made["taskDefinition"]["taskDefinitionArn"]

    def counted(self) -> list[dict[str, Any]]:
        return self.control("GET", "traffic")["counts"]


@pytest.fixture
def live(traffic: str, request: pytest.FixtureRequest) -> Iterator[Live]:
    account = Live(traffic, **{"desiredCount": 1, **getattr(request, "param", {})})
    yield account
    account.control("DELETE", "traffic")


@pytest.fixture(scope="module")
def traffic(stateful: str) -> str:
    # One process for all of this module: the first of its fixtures starts the data plane.
    return stateful


def ask(url: str, headers: dict[str, str] | None = None, body: bytes | None = None) -> tuple[int, Any, Any]:
    """Status, what was said (JSON where it is that), and the headers."""
    try:
        reply = urllib.request.urlopen(urllib.request.Request(url, body, headers or {}), timeout=10)
    except urllib.error.HTTPError as refused:
        reply = refused
    said = reply.read()
    return reply.status, json.loads(said) if said.startswith(b"{") else said, reply.headers


def loaded(url: str, tmp_path: Path, *options: str) -> dict[str, Any]:
    """What the load generator says."""
    out = tmp_path / "load.json"
    command = [sys.executable, "-m", "standin.load", url, "--json", str(out), *options]
    ended = subprocess.run(command, cwd=HOME, capture_output=True, text=True)
    assert ended.stdout.startswith("load: "), ended.stderr
    return json.loads(out.read_text())


def test_each_listener_answers_on_a_port_of_its_own(live: Live) -> None:
    assert ask(live.at())[:2] == (200, {"service": "web", "version": "v1", "host": socket.gethostname()})
    assert ask(live.at("/healthz"))[:2] == (200, {"status": "ok", "version": "v1"})
    # Nobody is in the green group.
    status, _, headers = ask(live.at(which="test"))
    assert (status, headers["Server"]) == (503, "awselb/2.0")
    rows = until(lambda: [row for row in live.counted() if row["elb"]])
    assert (rows[0]["elb"], rows[0]["requests"]) == ({"503": 1}, 0)
    shown = subprocess.run(["curl", "--fail", "-sS", live.at()], capture_output=True, text=True, check=True)
    assert json.loads(shown.stdout)["version"] == "v1"


@pytest.mark.parametrize("live", [{"rule": True, "extraRules": 1}], indirect=True)
def test_rules_are_followed_after_a_while(live: Live) -> None:
    live.control("POST", "knobs", {"weightSeconds": 0.8})
    rule, url = live.fixture["listeners"]["live"], live.at()
    assert ask(url)[0] == 200
    began = time.monotonic()
    live.elb.modify_rule(RuleArn=rule, Conditions=[{"Field": "path-pattern", "Values": ["/healthz"]}])
    until(lambda: ask(url)[0] == 404, SLOWLY)
    assert time.monotonic() - began > 0.8
    assert ask(live.at("/healthz"))[0] == 200 and ask(live.at("/extra/0/x"))[0] == 404


def test_weights_are_followed_and_errors_counted(live: Live, tmp_path: Path) -> None:
    live.steady_green("web:v2-errors-40")
    live.shift(blue=70, green=30)
    live.control("DELETE", "history")
    seen = loaded(live.at(), tmp_path, "--rate", "200", "--seconds", "2")
    assert seen["requests"] == 400
    greens = seen["versions"]["v2-errors-40"]
    # Five standard deviations: one run in two million.
    assert abs(greens - 120) <= 5 * math.sqrt(400 * 0.3 * 0.7)
    assert 0 < seen["failed"] == seen["statuses"]["500"] < greens
    assert abs(seen["failed"] - 0.4 * greens) <= 5 * math.sqrt(greens * 0.24)
    assert sum(second["requests"] for second in seen["bySecond"]) == 400
    green = live.fixture["targetGroups"]["green"]
    rows = until(lambda: whole(live, green, greens))
    assert sum(row["target"].get("500", 0) for row in rows) == seen["failed"]
    assert sum(sum(row["milliseconds"].values()) for row in rows) == greens


def test_cloudwatch_tells_what_happened_and_nothing_else(live: Live, tmp_path: Path) -> None:
    live.control("POST", "knobs", {"metricPeriod": 1, "images": {"web:v2": {"command": TARGET, "directory": "/"}}})
    live.steady_green("web:v2")
    began = time.time() // 1
    seen = loaded(live.at(), tmp_path, "--rate", "100", "--seconds", "2")
    assert seen["statuses"] == {"200": 200} and ask(live.at("/reset", "test"))[0] == 502
    blue = reading(live, "RequestCount", began, "blue", until_sum=200)
    # Of each second as many as were counted in it, and no second before all of it was known.
    counted = {row["second"]: row["requests"] for row in live.counted() if row["group"].endswith(name(live, "blue"))}
    assert blue == counted
    assert sum(reading(live, "HTTPCode_Target_2XX_Count", began, "blue").values()) == 200
    assert reading(live, "HTTPCode_Target_5XX_Count", began, "blue") == {}
    # A connection that was reset was there before: it is a 502 of the load balancer, and no connection error.
    assert list(reading(live, "HTTPCode_ELB_5XX_Count", began, None, until_sum=1).values()) == [1]
    assert reading(live, "TargetConnectionErrorCount", began, "green") == {}
    assert sum(reading(live, "RequestCount", began, None).values()) == 201
    times = reading(live, "TargetResponseTime", began, "blue", Stat="p90")
    assert times.keys() == blue.keys() and all(0 < seconds < 5 for seconds in times.values())
    listed = live.kept("cloudwatch").list_metrics(Namespace="AWS/ApplicationELB")["Metrics"]
    assert {m["MetricName"] for m in listed if len(m["Dimensions"]) == 2} == {
        "RequestCount",
        "HTTPCode_Target_2XX_Count",
        "TargetResponseTime",
    }
    # A series has the last word, where it says something; a model beside what happens is a mistake.
    series = {"targetGroup": "blue", "metric": "RequestCount", "values": [7], "start": -1}
    live.control("POST", "metrics", {"series": [series]})
    until(lambda: 7 in reading(live, "RequestCount", began, "blue").values())
    with pytest.raises(AssertionError, match="requests are counted"):
        live.control("POST", "metrics", {"model": {"requests": 1}})
    modelled = Account(live.url)
    modelled.build(metrics={"model": {"requests": 1}})
    with pytest.raises(AssertionError, match="requests are counted"):
        modelled.build(name="shop", traffic=True)


def name(live: Live, colour: str) -> str:
    return live.fixture["targetGroups"][colour].split(":")[-1]


def reading(live: Live, metric: str, since: float, colour: str | None, until_sum: int = 0, **stat: Any) -> Any:
    """By second, once it comes to as much."""
    dimensions = [{"Name": "LoadBalancer", "Value": live.fixture["loadBalancerArn"].split(":loadbalancer/")[1]}]
    if colour:
        dimensions.append({"Name": "TargetGroup", "Value": name(live, colour)})
    what = {"Namespace": "AWS/ApplicationELB", "MetricName": metric, "Dimensions": dimensions}
    query = {"Id": "q", "MetricStat": {"Metric": what, "Period": 1, "Stat": "Sum", **stat}}

    def found() -> Any:
        answer = live.kept("cloudwatch").get_metric_data(
            MetricDataQueries=[query], StartTime=since, EndTime=time.time() + 1
        )["MetricDataResults"][0]
        times = [when.timestamp() for when in answer["Timestamps"]]
        result = dict(zip(times, answer["Values"], strict=True))
        return (result,) if sum(result.values()) >= until_sum else None

    return until(found)[0]


def whole(live: Live, group: str, requests: int) -> list[dict[str, Any]] | None:
    rows = [row for row in live.counted() if row["group"] == group]
    return rows if sum(row["requests"] for row in rows) == requests else None


@pytest.mark.soak
def test_a_request_under_way_ends_where_it_was_and_its_connection_goes_on(live: Live) -> None:
    live.control("POST", "knobs", {"drainSeconds": 0.2})
    green = live.steady_green("web:v2-slow-1200ms")
    live.shift(blue=0, green=100)
    connection = http.client.HTTPConnection("localhost", live.port(), timeout=10)
    connection.request("GET", "/")
    time.sleep(0.2)
    live.shift(blue=100, green=0)
    live.ecs.delete_task_set(**live.where, taskSet=green)
    reply = connection.getresponse()
    assert (reply.status, json.loads(reply.read())["version"]) == (200, "v2-slow-1200ms")
    held = connection.sock
    connection.request("GET", "/")
    assert json.loads(connection.getresponse().read())["version"] == "v1" and connection.sock is held
    until(lambda: live.task_set(green) is None, SLOWLY)
    assert live.stopped()[0]["containers"][0]["exitCode"] == 0


def test_what_a_target_does_to_a_request(live: Live) -> None:
    with pytest.raises(AssertionError, match="an image is"):
        live.control("POST", "knobs", {"images": {"web:v2": {"command": "x"}}})
    live.control("POST", "knobs", {"drainSeconds": 0.1, "images": {"web:v2": {"command": TARGET, "directory": "/"}}})
    green = live.steady_green("web:v2")

    def url(path: str) -> str:
        return live.at(path, "test")

    assert ask(url("/a%2Fb?c=d"))[1]["path"] == "/a%2Fb?c=d"
    status, said, headers = ask(url("/echo"), {"X-Forwarded-For": "192.0.2.1"}, b"x" * 300_000)
    assert (status, said, headers["X-Seen"]) == (200, b"x" * 300_000, "192.0.2.1, 127.0.0.1")
    assert headers["X-Host"] == f"localhost:{live.port('test')}"
    assert ask(url("/reset"))[0] == 502
    with pytest.raises((http.client.IncompleteRead, ConnectionResetError)):
        ask(url("/half"))
    balancer = live.fixture["loadBalancerArn"]

    def idle(seconds: int) -> None:
        attributes = [{"Key": "idle_timeout.timeout_seconds", "Value": str(seconds)}]
        live.elb.modify_load_balancer_attributes(LoadBalancerArn=balancer, Attributes=attributes)

    def slowed() -> int:
        return ask(url("/slowed"))[1]["slowed"]

    with socket.create_connection(("localhost", live.port("test"))) as impatient:
        impatient.sendall(b"GET /slow/30 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        until(lambda: slowed() == 1)
    idle(1)
    until(lambda: ask(url("/slow/3"))[0] == 504, SLOWLY)
    own = until(lambda: answers(live) if len(answers(live)) == 3 else None)
    assert own == {"460": 1, "502": 1, "504": 1}
    # Its container is killed: what is under way is cut off.
    idle(60)
    until(lambda: ask(url("/slow/1.5"))[0] == 200, SLOWLY)
    seen: list[int] = []
    before = slowed()
    user = threading.Thread(target=lambda: seen.append(ask(url("/slow/30"))[0]))
    user.start()
    until(lambda: slowed() > before)
    live.control("POST", "tasks", {"taskSet": green, "action": "stop"})
    user.join()
    assert seen == [502]


def answers(live: Live) -> dict[str, int]:
    """The load balancer's own, by status."""
    found: Counter[str] = Counter()
    for row in live.counted():
        found.update(row["elb"])
    return dict(found)


@pytest.mark.parametrize("live", [{"slowStart": 600, "desiredCount": 1}], indirect=True)
def test_a_new_target_starts_slowly(live: Live) -> None:
    live.steady_green(taskDefinition=live.commanded())
    first = ask(live.at(which="test"))[1]["pid"]
    live.control("POST", "tasks", {"taskSet": live.service()["taskSets"][-1]["id"], "action": "scale", "count": 2})
    until(lambda: live.health("green") == [("healthy", None)] * 2, SLOWLY)
    pids = Counter(ask(live.at(which="test"))[1]["pid"] for _ in range(60))
    assert pids[first] > 45


def test_health_is_what_checks_say(live: Live) -> None:
    live.control("POST", "knobs", {"replaceSeconds": 60, "checkSeconds": 0.1})
    group = live.fixture["targetGroups"]["green"]
    live.elb.modify_target_group(TargetGroupArn=group, HealthyThresholdCount=3, UnhealthyThresholdCount=2)
    live.steady_green(taskDefinition=live.commanded())
    assert ask(live.at("/turn/sick", "test"))[0] == 200
    until(lambda: live.health("green") == [("unhealthy", "Target.ResponseCodeMismatch")])
    target = live.elb.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"][0]
    assert target["TargetHealth"]["Description"] == "Health checks failed with these codes: [503]"
    # The only one is unhealthy: the group fails open.
    assert ask(live.at("/turn/well", "test"))[0] == 200
    until(lambda: live.health("green") == [("healthy", None)])


@pytest.mark.soak
def test_a_version_that_exits_and_one_that_is_never_healthy(live: Live) -> None:
    # By its tag; by a knob, where the tag says nothing.
    live.control("POST", "knobs", {"outcome": {"web:v3": "unhealthy"}})
    live.green("web:v2-exits")
    live.green("web:v3")
    ends = {("EssentialContainerExited", 1), ("ServiceSchedulerInitiated", 0)}
    until(lambda: ends <= {(t["stopCode"], t["containers"][0].get("exitCode")) for t in live.stopped()}, SLOWLY)
    reasons = {task["stoppedReason"].split(" in (")[0] for task in live.stopped()}
    assert {"Essential container in task exited", "Task failed ELB health checks"} <= reasons
    assert "(port 8080) is unhealthy" in live.events() and "codes: [500]" in live.events()
    assert "exits, as the tag of its image says" in live.control("GET", "traffic")["exits"][0]["said"]


@pytest.mark.parametrize(
    "live", [{"stickinessSeconds": 600, "targetStickiness": True, "desiredCount": 2}], indirect=True
)
def test_clients_stay_with_their_group_and_their_target(live: Live) -> None:
    live.steady_green(taskDefinition=live.commanded())
    live.shift(blue=0, green=100)
    _, said, headers = ask(live.at())
    mine = {"Cookie": "; ".join(one.split(";")[0] for one in headers.get_all("Set-Cookie"))}
    names = [part.split("=")[0] for part in mine["Cookie"].split("; ")]
    assert names == ["AWSALBTG", "AWSALBTGCORS", "AWSALB", "AWSALBCORS"]
    assert {ask(live.at(), mine)[1]["pid"] for _ in range(8)} == {said["pid"]}
    assert len({ask(live.at())[1]["pid"] for _ in range(8)}) == 2
    live.shift(blue=100, green=0)
    assert ask(live.at(), mine)[1]["pid"] == said["pid"] and ask(live.at())[1]["version"] == "v1"
    for seconds, version in ((600, said["version"]), (-1, "v1")):
        held = seal(live.fixture["targetGroups"]["green"], time.time() + seconds)
        assert ask(live.at(), {"Cookie": f"AWSALBTG={held}"})[1]["version"] == version


@pytest.mark.soak
def test_a_thousand_requests_a_second_are_no_trouble(live: Live, capsys: pytest.CaptureFixture[str]) -> None:
    """Its processor time is what counts, so that a busy machine does not matter."""
    live.steady_green(taskDefinition=live.commanded())
    plane = live.control("GET", "traffic")["pid"]
    port, requests = live.port("test"), 2400

    def spent() -> float:
        fields = Path(f"/proc/{plane}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / 100

    before, codes = spent(), Counter[bytes]()
    users = [threading.Thread(target=lambda: codes.update(pipelined(port, requests // 8))) for _ in range(8)]
    for user in users:
        user.start()
    for user in users:
        user.join()
    rate = requests / (spent() - before)
    with capsys.disabled():
        print(f"\ntraffic: {rate:.0f} requests a second on one processor")
    assert codes == {b"200": requests} and rate > 1000


def pipelined(port: int, times: int) -> Iterator[bytes]:
    """Statuses of requests over one connection, at little cost for this process."""
    with socket.create_connection(("localhost", port)) as connection:
        reader = connection.makefile("rb")
        for _ in range(times):
            connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            yield reader.readline().split()[1]
            length = 0
            while (header := reader.readline()) != b"\r\n":
                if header.lower().startswith(b"content-length:"):
                    length = int(header.split(b":")[1])
            reader.read(length)


def test_traffic_needs_a_load_balancer_that_can_be(stateful: str) -> None:
    account = Account(stateful)
    for spec in ({"authenticate": True}, {"loadBalancerType": "network"}):
        with pytest.raises(AssertionError, match="traffic is there"):
            account.build(traffic=True, **spec)
    with pytest.raises(ClientError):
        account.ecs.describe_services(cluster="prod", services=["web"])
