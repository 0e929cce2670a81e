"""AWS's request rates as token buckets, when the knob `rates` is on."""

from __future__ import annotations

from .recorder import Call

# aws-rules, "Rates per account and region (burst / sustained per second)".
BUCKETS = {
    "task-definition-writes": (20, 1),
    "task-definition-reads": (50, 20),
    "describe-services": (100, 20),
    "tasks": (100, 20),
    "elb-modify": (20, 3),
    "elb": (40, 10),
    # [R] https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html: calls a second.
    # That nothing can be saved up is [I].
    "GetMetricData": (50, 50),
    "DescribeAlarms": (9, 9),
    "DescribeAlarmHistory": (20, 20),
    "ListMetrics": (25, 25),
}
ECS = {
    "RegisterTaskDefinition": "task-definition-writes",
    "DeregisterTaskDefinition": "task-definition-writes",
    "DescribeTaskDefinition": "task-definition-reads",
    "ListTaskDefinitions": "task-definition-reads",
    "DescribeServices": "describe-services",
    "ListTasks": "tasks",
    "DescribeTasks": "tasks",
}


class Rates:
    def __init__(self) -> None:
        self._levels: dict[tuple[str, str], tuple[float, float]] = {}

    def refuses(self, call: Call, factor: float, now: float) -> bool:
        """Takes a token from each bucket that the call draws on; all of them must have one."""
        names = [ECS[call.operation]] if call.service == "ecs" and call.operation in ECS else []
        if call.service == "elasticloadbalancing":
            # "ELB all actions together 40/10, Modify* 20/3".
            names = ["elb"] + (["elb-modify"] if call.operation.startswith("Modify") else [])
        if call.service == "monitoring" and call.operation in BUCKETS:
            names = [call.operation]
        levels = {}
        for name in names:
            burst, sustained = BUCKETS[name]
            level, at = self._levels.get((call.region, name), (burst * factor, now))
            levels[name] = min(burst * factor, level + (now - at) * sustained * factor)
        short = any(level < 1 for level in levels.values())
        for name, level in levels.items():
            self._levels[(call.region, name)] = (level if short else level - 1, now)
        return short
