"""CloudWatch among the services: protocols, faults, rates, signatures, policies."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from typing import Any

import cbor2
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError, HTTPClientError
from botocore.parsers import ResponseParserError
from conftest import Account

EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def code(account: Account, client: Any = None) -> tuple[str, int]:
    with pytest.raises(ClientError) as problem:
        (client or account.cloudwatch()).describe_alarms()
    answer = problem.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


def raw(account: Account, operation: str, body: Any, **headers: str) -> tuple[int, Any, Any]:
    """As aws-sdk-cloudwatch sends it."""
    url = f"{account.url}/service/GraniteServiceVersion20100801/operation/{operation}"
    sent = {"Content-Type": "application/cbor", "Accept": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}
    data = body if isinstance(body, bytes) else cbor2.dumps(body, datetime_as_timestamp=True)
    request = AWSRequest("POST", url, {**sent, **headers}, data)
    m = account.made
    keys = Credentials(m["accessKeyId"], m["secretAccessKey"], m["sessionToken"])
    SigV4Auth(keys, "monitoring", "eu-west-1").add_auth(request)
    real = urllib.request.Request(url, data, dict(request.headers.items()), method="POST")
    try:
        with urllib.request.urlopen(real) as reply:
            return reply.status, reply.headers, cbor2.loads(reply.read())
    except urllib.error.HTTPError as error:
        return error.code, error.headers, cbor2.loads(error.read())


def test_a_call_is_recorded(account: Account) -> None:
    account.control("POST", "alarms", [{"name": "a"}])
    account.cloudwatch().describe_alarms(AlarmNames=["a"], AlarmTypes=["MetricAlarm"])
    call = account.control("GET", "calls")[-1]
    assert (call["service"], call["operation"], call["status"]) == ("monitoring", "DescribeAlarms", 200)
    assert call["params"] == {"AlarmNames": ["a"], "AlarmTypes": ["MetricAlarm"]}
    assert call["applied"] and not call["mutating"]


def test_times_are_tagged_and_values_are_doubles(account: Account) -> None:
    series = {"targetGroup": "blue", "metric": "RequestCount", "values": [7]}
    account.control("POST", "knobs", {"metricDelay": 0})
    account.control("POST", "metrics", {"series": [series]})
    f = account.fixture
    dimensions = [
        {"Name": "LoadBalancer", "Value": f["loadBalancerArn"].split(":loadbalancer/")[1]},
        {"Name": "TargetGroup", "Value": f["targetGroups"]["blue"].split(":")[-1]},
    ]
    metric = {"Namespace": "AWS/ApplicationELB", "MetricName": "RequestCount", "Dimensions": dimensions}
    query = {"Id": "n", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}}
    now = time.time()
    body = {
        "MetricDataQueries": [query],
        "StartTime": cbor2.CBORTag(1, now - 300),
        "EndTime": cbor2.CBORTag(1, int(now)),
    }
    status, headers, answer = raw(account, "GetMetricData", body)
    assert status == 200
    assert headers["smithy-protocol"] == "rpc-v2-cbor" and headers["content-type"] == "application/cbor"
    result = answer["MetricDataResults"][0]
    assert result["Values"] == [7.0] and isinstance(result["Values"][0], float)
    assert result["Timestamps"][0].timestamp() == now // 60 * 60 - 60
    assert "NextToken" not in answer
    # The call can be read as JSON.
    assert account.control("GET", "calls")[-1]["params"]["StartTime"] == pytest.approx(now - 300)


def test_the_json_protocol_says_the_same(account: Account) -> None:
    """botocore prefers it."""
    account.control("POST", "alarms", [{"name": "a", "state": "ALARM"}])
    for client in (account.client("cloudwatch"), account.cloudwatch()):
        alarm = client.describe_alarms()["MetricAlarms"][0]
        assert (alarm["AlarmName"], alarm["StateValue"]) == ("a", "ALARM")
        assert alarm["StateTransitionedTimestamp"].timestamp() == pytest.approx(time.time() - 3600, abs=60)
    first, second = account.control("GET", "calls")
    assert {**first, "n": 2, "at": second["at"]} == second
    account.control("POST", "faults", [{"operation": "DescribeAlarms", "kind": "throttle"}])
    assert code(account, account.client("cloudwatch")) == ("ThrottlingException", 400)


@pytest.mark.parametrize(
    ("kind", "modern", "query", "status"),
    [
        ("throttle", "ThrottlingException", "Throttling", 400),
        ("throttle-new", "ThrottlingException", "ThrottlingException", 400),
        ("500", "ServerException", "InternalFailure", 500),
        ("503", "ServerException", "ServiceUnavailable", 503),
        ("expired", "ExpiredTokenException", "ExpiredToken", 403),
        ("access-denied", "AccessDeniedException", "AccessDenied", 403),
    ],
)
def test_errors_in_cbor(account: Account, kind: str, modern: str, query: str, status: int) -> None:
    account.control("POST", "faults", [{"operation": "DescribeAlarms", "kind": kind, "times": 3}])
    answer = raw(account, "DescribeAlarms", {})
    assert (answer[0], answer[2]["__type"]) == (status, modern)
    assert "x-amzn-query-error" not in answer[1]
    answer = raw(account, "DescribeAlarms", {}, **{"x-amzn-query-mode": "true"})
    assert answer[1]["x-amzn-query-error"] == f"{query};{'Receiver' if status >= 500 else 'Sender'}"
    # botocore asks for that mode.
    assert code(account) == (query, status)
    assert account.control("GET", "calls")[-1]["error"] == modern


def test_faults_of_the_wire(account: Account) -> None:
    client = account.cloudwatch()
    for kind in ("refused", "reset-before", "lost-reply", "truncate"):
        account.control("POST", "faults", [{"operation": "DescribeAlarms", "kind": kind}])
        with pytest.raises((HTTPClientError, ResponseParserError)):
            client.describe_alarms()
        account.control("DELETE", "faults")
    addition = {"operation": "DescribeAlarms", "path": "MetricAlarms.0.Newest", "value": {"a": [1]}}
    account.control("POST", "newer", [addition])
    account.control("POST", "alarms", [{"name": "a"}])
    assert raw(account, "DescribeAlarms", {})[2]["MetricAlarms"][0]["Newest"] == {"a": [1]}
    assert client.describe_alarms()["MetricAlarms"][0]["AlarmName"] == "a"


def test_rates(account: Account) -> None:
    account.control("POST", "knobs", {"rates": 1})
    client, seen = account.cloudwatch(), []
    for _ in range(12):
        try:
            client.describe_alarms()
            seen.append("ok")
        except ClientError as problem:
            seen.append(problem.response["Error"]["Code"])
    assert seen[:9] == ["ok"] * 9 and "Throttling" in seen


def test_what_is_not_cbor_and_what_is_not_there(account: Account) -> None:
    status, _, answer = raw(account, "DescribeAlarms", b"\x5f\xff\xff")
    assert (status, answer["__type"]) == (400, "SerializationException")
    status, _, answer = raw(account, "DescribeAlarms", {"AlarmNames": 5})
    assert (status, answer["__type"]) == (400, "SerializationException")
    status, _, answer = raw(account, "PutDashboard", {})
    assert (status, answer["__type"]) == (404, "UnknownOperationException")


def test_keys_that_nobody_has(account: Account) -> None:
    unknown = account.cloudwatch(aws_access_key_id="ASIAXXXXXXXXXXXXXXXX")
    assert code(account, unknown) == ("InvalidClientTokenId", 403)
    account.control("DELETE", "keys")
    assert code(account) == ("ExpiredToken", 403)


def test_plain_mode_has_it_with_signatures_and_policies(plain: str) -> None:
    account = Account(plain, signatures=True)
    account.build()
    client = account.cloudwatch()
    account.control("POST", "alarms", [{"name": "a"}])
    assert client.describe_alarms()["MetricAlarms"][0]["AlarmName"] == "a"
    assert raw(account, "DescribeAlarms", {})[0] == 200
    wrong = account.cloudwatch(aws_secret_access_key="wrong")
    assert code(account, wrong) == ("SignatureDoesNotMatch", 403)
    statement = {"Effect": "Allow", "Action": "cloudwatch:GetMetricData", "Resource": "*"}
    account.control("POST", "policy", {**EVERYTHING, "Statement": [statement]})
    assert code(account) == ("AccessDenied", 403)
    statement["Action"] = "cloudwatch:DescribeAlarms"
    account.control("POST", "policy", {**EVERYTHING, "Statement": [statement]})
    client.describe_alarms()
