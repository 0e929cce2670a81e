"""CloudWatch: GetMetricData, DescribeAlarms, DescribeAlarmHistory and ListMetrics, in RPC v2 CBOR and in JSON.

moto (5.2) has no CBOR, which is all that aws-sdk-cloudwatch (Rust) speaks; botocore prefers JSON. So this is of the
stand-in's own, in both modes. What is asked of CloudWatch in the query protocol goes to moto.
"""

from __future__ import annotations

import base64
import json
import re
import zlib
from typing import Any

from moto import settings
from moto.core.authorization import ActionAuthenticatorMixin
from moto.core.exceptions import AccessDeniedError, InvalidClientTokenIdError, SignatureDoesNotMatchError
from moto.iam.access_control import IAMRequest
from werkzeug.datastructures import EnvironHeaders

from .alarms import TYPES
from .desk import Desk
from .knobs import BadRequest
from .model import service, violations
from .recorder import Call
from .wire import Reply, error, result
from .world import stamp

# model, GetMetricDataInput.MaxDatapoints: "the default of 100,800 is used".
DATAPOINTS = 100_800
# model, MetricStat.Period: "the period can be 1, 5, 10, 20, 30, 60, or any multiple of 60".
SHORT_PERIODS = (1, 5, 10, 20, 30)
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
STATISTICS = re.compile(
    r"SampleCount|Sum|Average|Minimum|Maximum|IQM|p(\d{1,2}(\.\d{1,10})?|100)|(tm|wm|tc|ts)\d{1,2}(\.\d{1,10})?|"
    r"(PR|TM|WM|TC|TS)\([\d.%:]+\)",
)
# model, MetricDataQuery.Id: "letters, numbers, and underscore. The first character must be a lowercase letter."
ID = re.compile(r"[a-z][A-Za-z0-9_]*")


class Refused(Exception):
    def __init__(self, message: str, code: str = "ValidationError", query: str | None = None) -> None:
        super().__init__(message)
        self.message, self.code, self.query = message, code, query


def answer(environ: dict[str, Any], call: Call, desk: Desk, now: float) -> Reply | None:
    """None where it is not for this CloudWatch."""
    if call.service != "monitoring" or call.protocol == "query":
        return None
    operation = OPERATIONS.get(call.operation)
    if operation is None:
        return error(call, 404, "UnknownOperationException", f"The stand-in has no {call.operation}.")
    if refusal := unauthorized(environ, call, desk):
        return refusal
    try:
        check(call)
        return result(call, operation(call, desk, now))
    except Refused as refused:
        return error(call, 400, refused.code, refused.message, refused.query)


def unauthorized(environ: dict[str, Any], call: Call, desk: Desk) -> Reply | None:
    """moto's own judgement of signatures and policies, where it is on."""
    if ActionAuthenticatorMixin.request_count < settings.INITIAL_NO_AUTH_ACTION_COUNT:
        return None
    try:
        request = IAMRequest(
            account_id=desk.world.account,
            method=environ["REQUEST_METHOD"],
            path=environ["PATH_INFO"],
            data={},
            body=environ["wsgi.input"].getvalue(),
            headers=EnvironHeaders(environ),  # type: ignore[arg-type]
            action=call.operation,
        )
        # moto takes the name under which requests are signed (`monitoring`) for the one in policies.
        request._action = f"cloudwatch:{call.operation}"
        request.check_signature()
        request.check_action_permitted("*")
    except (AccessDeniedError, InvalidClientTokenIdError, SignatureDoesNotMatchError) as problem:
        modern = {"AccessDenied": "AccessDeniedException", "InvalidClientTokenId": "UnrecognizedClientException"}
        code = problem.error_type
        return error(call, 403, modern.get(code, code), problem.message, code)
    return None


def check(call: Call) -> None:
    """What the model says of the request. [I] the words for what is not there."""
    shape = service("cloudwatch").operation_model(call.operation).input_shape
    assert shape is not None
    for name in shape.required_members:
        if call.params.get(name) in (None, []):
            raise Refused(f"The parameter {name} is required.")
    try:
        found = next(violations("cloudwatch", call.operation, call.params), None)
    except (AttributeError, TypeError):
        raise Refused("The request could not be read.", "SerializationException") from None
    if found:
        raise Refused(f"1 validation error detected: {found[1]}")


def token(call: Call, **state: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps({**state, "of": fingerprint(call)}).encode()).decode()


def read_token(call: Call) -> dict[str, Any]:
    """A token is good for the request that it was given to. [I]"""
    given = call.params.get("NextToken")
    if not given:
        return {}
    try:
        state = json.loads(base64.urlsafe_b64decode(given.encode()))
        if state["of"] == fingerprint(call):
            return state
    except (ValueError, KeyError, TypeError):
        pass
    raise Refused("Invalid NextToken", "InvalidNextToken")


def fingerprint(call: Call) -> int:
    rest = {name: value for name, value in call.params.items() if name != "NextToken"}
    return zlib.crc32(json.dumps(rest, sort_keys=True, default=str).encode())


def describe_alarms(call: Call, desk: Desk, _: float) -> dict[str, Any]:
    params = call.params
    if params.get("AlarmNames") and params.get("AlarmNamePrefix"):
        # model, AlarmNamePrefix: "If this parameter is specified, you cannot specify AlarmNames." [I]
        raise Refused("AlarmNamePrefix and AlarmNames are mutually exclusive.")
    for other in ("ChildrenOfAlarmName", "ParentsOfAlarmName"):
        if params.get(other):
            raise Refused(f"The stand-in does not know {other}.")
    found = desk.alarms.found(call.region, params)
    start = read_token(call).get("at", 0)
    size = int(params.get("MaxRecords") or 100)
    size = min(size, desk.world.knobs.pageSize or size)
    page = found[start : start + size]
    asked = params.get("AlarmTypes") or ["MetricAlarm"]
    answer: dict[str, Any] = {
        where: [alarm.shown for alarm in page if alarm.kind == kind]
        for kind, (where, _, word) in TYPES.items()
        if word in asked
    }
    answer["NextToken"] = token(call, at=start + size) if start + size < len(found) else None
    return answer


def get_metric_data(call: Call, desk: Desk, now: float) -> dict[str, Any]:
    params = call.params
    queries, start, end = params["MetricDataQueries"], float(params["StartTime"]), float(params["EndTime"])
    check_queries(queries, desk.world.knobs.metricPeriod)
    if start >= end:
        # The words are moto's.
        raise Refused("The parameter EndTime must be greater than StartTime.")
    state = read_token(call)
    # What comes in while pages are read does not shift them.
    now, offset = state.get("now", now), state.get("at", 0)
    limit = min(int(params.get("MaxDatapoints") or DATAPOINTS), DATAPOINTS)
    limit = min(limit, desk.world.knobs.pageSize or limit)
    results, at, more = [], 0, False
    for query in queries:
        if query.get("ReturnData") is False:
            continue
        try:
            points, status = desk.metrics.read(query["MetricStat"], call.region, start, end, now)
        except BadRequest as unknown:
            raise Refused(str(unknown)) from None
        if params.get("ScanBy", "TimestampDescending") == "TimestampDescending":
            # model, ScanBy: "If you omit this parameter, the default of TimestampDescending is used."
            points.reverse()
        if status == "PartialData":
            points = points[: len(points) // 2]
        first, after, at = at, at + len(points), at + len(points)
        if offset and after <= offset:
            continue
        page = points[max(offset - first, 0) : max(offset + limit - first, 0)]
        if after > offset + limit:
            status, more = "PartialData", True
        results.append(shown(query, page, status))
    return {
        "MetricDataResults": results,
        "Messages": [],
        "NextToken": token(call, at=offset + limit, now=now) if more else None,
    }


def shown(query: dict[str, Any], points: list[tuple[float, float]], status: str) -> dict[str, Any]:
    one = {
        "Id": query["Id"],
        "Label": query.get("Label") or query["MetricStat"]["Metric"]["MetricName"],
        "Timestamps": [stamp(when) for when, _ in points],
        "Values": [float(value) for _, value in points],
        "StatusCode": status,
    }
    if status in ("Forbidden", "InternalError"):
        one["Messages"] = [{"Code": status, "Value": "Ordered by a test."}]
    return one


def check_queries(queries: list[dict[str, Any]], finest: int) -> None:
    if len(queries) > 500:
        # model, GetMetricData.MetricDataQueries: "as many as 500". The words are those of PutMetricData [U:
        # jmxtrans #665].
        raise Refused("The collection MetricDataQueries must not have a size greater than 500.")
    ids = [query.get("Id", "") for query in queries]
    for at, query in enumerate(queries, 1):
        where = f"MetricDataQueries.member.{at}"
        if not ID.fullmatch(query.get("Id", "")):
            raise Refused(f"The value for parameter {where}.Id is not a valid id.")
        if ids.count(query["Id"]) > 1:
            # model, MetricDataQuery.Id: "must be unique within a single call". [I]
            raise Refused("The values for parameter id in MetricDataQueries are not unique.")
        if ("MetricStat" in query) == ("Expression" in query):
            # model, MetricDataQuery: "you must specify either Expression or MetricStat but not both". The words are
            # moto's.
            raise Refused(f"The parameter {where}.MetricStat is required.\n")
        if "Expression" in query:
            raise Refused("The stand-in knows no metric math.")
        check_stat(query["MetricStat"], f"{where}.MetricStat", finest)


def check_stat(stat: dict[str, Any], where: str, finest: int) -> None:
    for name in ("Metric", "Period", "Stat"):
        if stat.get(name) in (None, ""):
            raise Refused(f"The parameter {where}.{name} is required.")
    for name in ("Namespace", "MetricName"):
        if not stat["Metric"].get(name):
            raise Refused(f"The parameter {where}.Metric.{name} is required.")
    if not STATISTICS.fullmatch(stat["Stat"]):
        # [U] https://github.com/prometheus-community/yet-another-cloudwatch-exporter/issues/1435
        raise Refused(f"The value {stat['Stat']} for parameter {where}.Stat is not a valid statistic.")
    period = stat["Period"]
    if (period % 60 and period not in SHORT_PERIODS) or period < finest:
        # model, MetricStat.Period: "For metrics with regular resolution, a period can be as short as one minute (60
        # seconds) and must be a multiple of 60." [I] that it is an error; a test shall see it.
        raise Refused(f"The value {period} for parameter {where}.Period is not a valid period.")


def list_metrics(call: Call, desk: Desk, _: float) -> dict[str, Any]:
    params = call.params
    found = [
        metric
        for metric in desk.metrics.known(call.region)
        if params.get("Namespace", metric["Namespace"]) == metric["Namespace"]
        and params.get("MetricName", metric["MetricName"]) == metric["MetricName"]
        and all(
            any(d["Name"] == f["Name"] and f.get("Value", d["Value"]) == d["Value"] for d in metric["Dimensions"])
            for f in params.get("Dimensions") or []
        )
    ]
    start = read_token(call).get("at", 0)
    # model, ListMetrics: "Up to 500 results are returned for any one call."
    size = desk.world.knobs.pageSize or 500
    more = token(call, at=start + size) if start + size < len(found) else None
    return {"Metrics": found[start : start + size], "NextToken": more}


def describe_alarm_history(call: Call, desk: Desk, now: float) -> dict[str, Any]:
    """model, AlarmTypes: "If you omit this parameter, only metric alarms are returned"."""
    params = call.params
    types, kind = params.get("AlarmTypes") or ["MetricAlarm"], params.get("HistoryItemType")
    items = [
        update
        for (where, name), alarm in sorted(desk.alarms.alarms.items())
        if where == call.region and name == (params.get("AlarmName") or name) and TYPES[alarm.kind][2] in types
        for update in alarm.updates
        if kind in (None, update["HistoryItemType"])
        and float(params.get("StartDate", 0)) <= update["Timestamp"].timestamp()
        and update["Timestamp"].timestamp() <= float(params.get("EndDate", now))
    ]
    items.sort(key=lambda item: item["Timestamp"], reverse=params.get("ScanBy") != "TimestampAscending")
    start = read_token(call).get("at", 0)
    # model, DescribeAlarmHistory.MaxRecords: at most 100.
    size = desk.world.knobs.pageSize or params.get("MaxRecords") or 100
    more = token(call, at=start + size) if start + size < len(items) else None
    return {"AlarmHistoryItems": items[start : start + size], "NextToken": more}


OPERATIONS = {
    "DescribeAlarmHistory": describe_alarm_history,
    "DescribeAlarms": describe_alarms,
    "GetMetricData": get_metric_data,
    "ListMetrics": list_metrics,
}
