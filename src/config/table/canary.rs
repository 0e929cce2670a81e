//! A canary's steps, the gates that watch them, and one look at the gates.

use super::{Given, Group, Kind, Section, parameter};

const DEPLOY: Given = Given::Step(Some(&["blueGreenDeploy"]));

pub(crate) const CANARY: Group = Group {
    section: Section::Canary,
    given: Given::Flag,
    parameters: &[parameter(
        "canary",
        Kind::Canary,
        "Steps before the swap, each `weight` (percent of live traffic), `bake`, and where wanted `scale` and `approve`; or a name \
         as Canary10Percent5Minutes, Linear10PercentEvery3Minutes, AllAtOnce",
    )
    .unit("NAME")],
};

pub(crate) const WEIGHT: Group = Group {
    section: Section::Canary,
    given: Given::Flag,
    parameters: &[parameter(
        "weight",
        Kind::Share,
        "Percent of the service's live traffic for the version that is named",
    )
    .unit("PERCENT")],
};

/// Read by `check-gates`; checked by `preflight` too.
pub(crate) const GATES: Group = Group {
    section: Section::Canary,
    given: Given::Flag,
    parameters: &[
        parameter("gates", Kind::Group, "What watches the new version in every bake"),
        parameter("gates.alarms", Kind::Alarms, "Names of CloudWatch alarms, metric, composite or log"),
        parameter(
            "gates.alarmsBefore",
            Kind::OneOf(&["refuse", "ignore-those"]),
            "What an alarm does that was in ALARM before the first live request",
        )
        .default("refuse"),
        parameter("gates.errors", Kind::Optional, "Failed requests, against the other version's").otherwise("off"),
        parameter("gates.errors.times", Kind::Factor, "Fails from so many times the other version's rate on")
            .default("2"),
        parameter("gates.errors.max", Kind::Percent, "Fails as well above this rate, whatever the other version's"),
        parameter(
            "gates.errors.minRequests",
            Kind::Integer(1, 1_000_000_000),
            "Without so many requests of the new version it does not pass",
        )
        .default("100"),
        parameter("gates.errors.dryRun", Kind::Bool, "Tell, and decide nothing").default("false"),
        parameter("gates.latency", Kind::Optional, "Response times, against the other version's").otherwise("off"),
        parameter(
            "gates.latency.stat",
            Kind::OneOf(&["p50", "p75", "p90", "p95", "p99"]),
            "The percentile; the higher, the more requests it needs",
        )
        .default("p90"),
        parameter("gates.latency.times", Kind::Factor, "Fails above so many times the other version's").default("1.5"),
        parameter("gates.latency.atLeast", Kind::Duration(0), "And above it by more than this").default("50ms"),
        parameter("gates.latency.max", Kind::Duration(1), "Fails as well above this, whatever the other version's"),
        parameter("gates.latency.dryRun", Kind::Bool, "Tell, and decide nothing").default("false"),
        parameter("gates.every", Kind::Duration(1000), "Time between two looks").default("1m"),
        parameter("gates.period", Kind::Period, "Length of one reading; AWS has a load balancer's by the minute")
            .default("1m"),
    ],
};

/// What follows a look, in a pipeline.
pub(crate) const VERDICTS: Group = Group {
    section: Section::Canary,
    given: DEPLOY,
    parameters: &[
        parameter("gates.onFail", Kind::OneOf(&["rollback", "ask"]), "What a failed gate does")
            .otherwise("rollback; ask where latency alone fails"),
        parameter(
            "gates.onInconclusive",
            Kind::OneOf(&["ask", "rollback", "go-on"]),
            "What the end of a bake does whose gates could not tell",
        )
        .otherwise("ask; rollback where `approve` is false"),
        parameter("gates.check", Kind::Hook, "Called with the report at each look; if it throws, that fails the step"),
    ],
};

pub(crate) const LOOK: Group = Group {
    section: Section::Canary,
    given: Given::Flag,
    parameters: &[
        parameter("since", Kind::Time, "When the version's part of the live traffic last changed").required(),
        parameter(
            "baseline",
            Kind::Time,
            "When it got its first live request: with all traffic on it, its errors are held against the other version's hour before",
        )
        .otherwise("none"),
        parameter(
            "before",
            Kind::OneOf(&["pass", "inconclusive", "fail"]),
            "The verdict of the look before: where it is the same, the log has nothing of this one",
        ),
        parameter("for", Kind::Duration(0), "Look again until this is over, or a gate fails").default("0"),
    ],
};
