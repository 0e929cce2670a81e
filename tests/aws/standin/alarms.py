"""CloudWatch's alarms, as a test sets them: nothing evaluates them."""

from __future__ import annotations

import json
from typing import Any

from .knobs import BadRequest
from .model import service
from .names import dimensions, group_arn
from .world import World, stamp

# Of an alarm as it is given: the rest are members of the API, in AWS's own names.
OURS = {"name", "type", "state", "ago", "targetGroup", "gone"}
# type: where DescribeAlarms puts it, its shape, and the word for it in AlarmTypes.
TYPES = {
    "metric": ("MetricAlarms", "MetricAlarm", "MetricAlarm"),
    "composite": ("CompositeAlarms", "CompositeAlarm", "CompositeAlarm"),
    "log": ("LogAlarms", "LogAlarm", "LogAlarm"),
}
STATES = ("OK", "ALARM", "INSUFFICIENT_DATA")
OF_A_METRIC = {"Namespace": "AWS/ApplicationELB", "MetricName": "HTTPCode_Target_5XX_Count", "Statistic": "Sum"}
EVALUATED: dict[str, Any] = {
    "ComparisonOperator": "GreaterThanThreshold",
    "Threshold": 5.0,
    "TreatMissingData": "missing",
}
DEFAULTS: dict[str, dict[str, Any]] = {
    "metric": {**OF_A_METRIC, **EVALUATED, "Dimensions": [], "Period": 60, "EvaluationPeriods": 1},
    "composite": {"AlarmRule": "FALSE"},
    "log": {**EVALUATED, "QueryResultsToEvaluate": 1, "QueryResultsToAlarm": 1},
}


class Alarm:
    def __init__(self, world: World, name: str, kind: str) -> None:
        self.kind, self.region = kind, world.region
        self.updates: list[dict[str, Any]] = []
        past = stamp(world.now - 3600)
        self.shown: dict[str, Any] = {
            "AlarmName": name,
            "AlarmArn": f"arn:aws:cloudwatch:{world.region}:{world.account}:alarm:{name}",
            "ActionsEnabled": True,
            "OKActions": [],
            "AlarmActions": [],
            "InsufficientDataActions": [],
            "StateValue": "OK",
            "StateReason": "Set by a test.",
            "StateUpdatedTimestamp": past,
            "StateTransitionedTimestamp": past,
            "AlarmConfigurationUpdatedTimestamp": past,
            **DEFAULTS[kind],
        }

    def set(self, world: World, given: dict[str, Any]) -> None:
        at = stamp(world.now - float(given.get("ago", 0)))
        members = {name: value for name, value in given.items() if name not in OURS}
        known = service("cloudwatch").shape_for(TYPES[self.kind][1]).members  # type: ignore[attr-defined]
        if unknown := set(members) - set(known):
            raise BadRequest(f"a {self.kind} alarm has no {sorted(unknown)}")
        state = given.get("state", self.shown["StateValue"])
        if state not in STATES:
            raise BadRequest(f"an alarm's state is one of {STATES}")
        changed = state != self.shown["StateValue"]
        if changed:
            self.updates.append(self.update(at, self.shown["StateValue"], state))
        if changed or "ago" in given:
            # model, MetricAlarm.StateTransitionedTimestamp: "when the alarm's StateValue most recently changed".
            self.shown["StateTransitionedTimestamp"] = at
        if changed or "ago" in given or "EvaluationState" in members:
            # model, MetricAlarm.StateUpdatedTimestamp: "The time stamp of the last update to the value of either the
            # StateValue or EvaluationState parameters."
            self.shown["StateUpdatedTimestamp"] = at
        self.shown["StateValue"] = state
        if "Metrics" in members:
            # model, MetricAlarm: an alarm on a metric math expression has Metrics in place of these.
            for name in (*OF_A_METRIC, "Dimensions", "Period"):
                self.shown.pop(name, None)
        if "targetGroup" in given:
            self.shown["Dimensions"] = dimensions(world, group_arn(world, given["targetGroup"]))
        for name, value in members.items():
            # JSON has neither: 5 is to be a double, a number of seconds a time.
            make = {"double": float, "timestamp": stamp}.get(known[name].type_name)
            self.shown[name] = make(value) if make and value is not None else value
            if value is None:
                del self.shown[name]

    def update(self, at: Any, old: str, new: str) -> dict[str, Any]:
        """An item of the history. Of HistoryData the documentation says only that it is JSON; as the field sees it [U:
        https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html has the same]."""
        return {
            "AlarmName": self.shown["AlarmName"],
            "AlarmType": TYPES[self.kind][2],
            "Timestamp": at,
            "HistoryItemType": "StateUpdate",
            "HistorySummary": f"Alarm updated from {old} to {new}",
            "HistoryData": json.dumps(
                {"version": "1.0", "oldState": {"stateValue": old}, "newState": {"stateValue": new}}
            ),
        }


class Alarms:
    def __init__(self, world: World) -> None:
        self.world = world
        # Names are the account's in a region, of whatever type (model, PutCompositeAlarm.AlarmName: "unique within the
        # Region").
        self.alarms: dict[tuple[str, str], Alarm] = {}

    def set(self, given: list[dict[str, Any]]) -> None:
        """In the order given: two states of one alarm are two transitions."""
        for one in given:
            key = (self.world.region, one["name"])
            if one.get("gone"):
                self.alarms.pop(key, None)
                continue
            if key not in self.alarms or one.get("type", self.alarms[key].kind) != self.alarms[key].kind:
                kind = one.get("type", "metric")
                if kind not in TYPES:
                    raise BadRequest(f"an alarm's type is one of {sorted(TYPES)}")
                alarm = Alarm(self.world, one["name"], kind)
                # Its first state is as old as it is.
                alarm.set(self.world, {"ago": 3600, **one})
                self.alarms[key] = alarm
            else:
                self.alarms[key].set(self.world, one)

    def found(self, region: str, params: dict[str, Any]) -> list[Alarm]:
        """model, AlarmTypes: "If you omit this parameter, only metric alarms are returned"."""
        types = params.get("AlarmTypes") or ["MetricAlarm"]
        names, prefix = params.get("AlarmNames"), params.get("AlarmNamePrefix") or ""
        state, action = params.get("StateValue"), params.get("ActionPrefix") or ""
        return [
            alarm
            for (where, name), alarm in sorted(self.alarms.items())
            if where == region
            and TYPES[alarm.kind][2] in types
            and (not names or name in names)
            and name.startswith(prefix)
            and state in (None, alarm.shown["StateValue"])
            and (not action or any(arn.startswith(action) for arn in alarm.shown["AlarmActions"]))
        ]
