"""Members that an SDK does not know stand in the replies as AWS would write them."""

from __future__ import annotations

import urllib.request

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from conftest import Account


def body(account: Account, service: str, data: str, target: str = "") -> str:
    """The reply as it is sent; botocore would not show what it does not know."""
    request = AWSRequest("POST", account.url, data=data)
    request.headers["Content-Type"] = "application/x-amz-json-1.1" if target else "application/x-www-form-urlencoded"
    if target:
        request.headers["X-Amz-Target"] = target
    client = account.client("ecs")
    SigV4Auth(client._request_signer._credentials, service, account.fixture["region"]).add_auth(request)
    sent = urllib.request.Request(account.url, data.encode(), dict(request.headers))
    with urllib.request.urlopen(sent) as reply:
        return reply.read().decode()


def test_a_member_is_added_at_its_path_in_both_protocols(account: Account) -> None:
    path = "taskDefinition.containerDefinitions.0.newThing"
    live = account.fixture["listeners"]["live"]
    listener = "DescribeListenersResult.Listeners.0.DefaultActions.0.NewThing"
    account.control(
        "POST",
        "newer",
        [
            {"operation": "DescribeTaskDefinition", "path": path, "value": {"mode": "on"}, "where": "web:1"},
            {"operation": "DescribeListeners", "path": listener, "value": {"Mode": "on", "Parts": ["a", "b"]}},
            {"operation": "DescribeListeners", "path": "DescribeListenersResult.Listeners.7.NewThing", "value": 1},
        ],
    )
    target = "AmazonEC2ContainerServiceV20141113.DescribeTaskDefinition"
    assert '"newThing": {"mode": "on"}' in body(account, "ecs", '{"taskDefinition": "web:1"}', target)
    form = f"Action=DescribeListeners&Version=2015-12-01&ListenerArns.member.1={live}"
    shown = body(account, "elasticloadbalancing", form)
    added = "<NewThing><Mode>on</Mode><Parts><member>a</member><member>b</member></Parts></NewThing>"
    assert added in shown and 'xmlns="http://elasticloadbalancing' in shown
    # Who does not know it reads on.
    assert account.elb.describe_listeners(ListenerArns=[live])["Listeners"][0]["ListenerArn"] == live
    account.control("DELETE", "newer")
    assert "newThing" not in body(account, "ecs", '{"taskDefinition": "web:1"}', target)


def test_tasks_of_an_ipv6_fixture_have_no_ipv4_address(stateful: str) -> None:
    account = Account(stateful)
    account.build(ipv6=True)
    w = account.where
    arns = account.ecs.list_tasks(cluster=w["cluster"], serviceName=w["service"])["taskArns"]
    task = account.ecs.describe_tasks(cluster=w["cluster"], tasks=arns)["tasks"][0]
    assert "ipv6Address" in task["containers"][0]["networkInterfaces"][0]
    assert "privateIPv4Address" not in {detail["name"] for detail in task["attachments"][0]["details"]}
    group = account.fixture["targetGroups"]["blue"]
    assert account.elb.describe_target_groups(TargetGroupArns=[group])["TargetGroups"][0]["IpAddressType"] == "ipv6"
    targets = account.elb.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
    assert all(":" in one["Target"]["Id"] for one in targets)
