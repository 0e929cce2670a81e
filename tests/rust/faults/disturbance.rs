//! What happens to a call, and what the action that made it has to answer.

use std::fmt;

use crate::support::{Output, Value, json};

/// An attempt is given up after this, where a reply is late.
const ATTEMPT: &str = "1500ms";

/// A call that AWS throttles for ever is given up after this.
const OPERATION: &str = "2s";

/// How late a reply is, in seconds: past the attempt's timeout.
const LATE: f64 = 2.2;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    Throttled,
    /// In the newer of the two codes that the load balancer's API has for it.
    ThrottledNew,
    Error500,
    Error503,
    /// The endpoint goes away while the call is under way, and refuses connections: for a moment, or for good.
    Refused,
    /// The connection is closed without a reply, before the call was applied.
    Closed,
    ResetBefore,
    LostReply,
    Late,
    /// The call itself is applied late: after its attempt was given up, and another one made.
    LateApplied,
    Truncated,
    Html,
    Expired,
    /// Transient, and without a code of its own.
    Uncoded(&'static str),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Times {
    Once,
    UntilSpent,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    Kill,
    Terminate,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Disturbance {
    Fault(Fault, Times),
    /// At the call; `true`: after it was applied.
    Signal(Signal, bool),
}

/// All that can happen to a call of this service and operation.
pub(crate) fn of(service: &str, operation: &str) -> Vec<Disturbance> {
    let mut faults = vec![
        Fault::Throttled,
        Fault::Error500,
        Fault::Error503,
        Fault::Refused,
        Fault::Closed,
        Fault::ResetBefore,
        Fault::LostReply,
        Fault::Late,
        Fault::LateApplied,
        Fault::Truncated,
        Fault::Html,
        Fault::Expired,
    ];
    if operation == "RegisterTaskDefinition" {
        // It has no token: what comes later than the look for it is a second revision, which docs/guarantees.md says.
        faults.retain(|fault| *fault != Fault::LateApplied);
    }
    if service == "elasticloadbalancing" {
        faults.push(Fault::ThrottledNew);
    }
    let both = |fault| [Times::Once, Times::UntilSpent].map(|times| Disturbance::Fault(fault, times));
    let mut all: Vec<Disturbance> = faults.into_iter().flat_map(both).collect();
    let uncoded: &[&str] = match operation {
        "RegisterTaskDefinition" => &["concurrent-revision"],
        "CreateTaskSet" => &["not-associated", "service-linked-role"],
        _ => &[],
    };
    all.extend(uncoded.iter().map(|kind| Disturbance::Fault(Fault::Uncoded(kind), Times::Once)));
    for signal in [Signal::Kill, Signal::Terminate] {
        all.extend([false, true].map(|applied| Disturbance::Signal(signal, applied)));
    }
    all
}

impl Fault {
    /// As the stand-in calls it.
    fn kind(self) -> &'static str {
        match self {
            Self::Refused => "endpoint gone",
            Self::Throttled => "throttle",
            Self::ThrottledNew => "throttle-new",
            Self::Error500 => "500",
            Self::Error503 => "503",
            Self::Closed => "refused",
            Self::ResetBefore => "reset-before",
            Self::LostReply => "lost-reply",
            Self::Late => "delay",
            Self::LateApplied => "delay-before",
            Self::Truncated => "truncate",
            Self::Html => "html",
            Self::Expired => "expired",
            Self::Uncoded(kind) => kind,
        }
    }

    /// The order for the stand-in.
    pub(crate) fn order(self, operation: &str, nth: usize, times: Times) -> Value {
        let times = if times == Times::Once { 1 } else { 1000 };
        json!([{ "operation": operation, "nth": nth, "times": times, "kind": self.kind(), "seconds": LATE }])
    }

    /// The limit of time that ends it, by its parameter, where one does. Elsewhere the defaults: a busy machine is no fault.
    pub(crate) fn limit(self, times: Times) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Late | Self::LateApplied => Some(("attemptTimeout", ATTEMPT)),
            // Not counted among the attempts.
            Self::Throttled | Self::ThrottledNew if times == Times::UntilSpent => Some(("operationTimeout", OPERATION)),
            Self::Throttled
            | Self::ThrottledNew
            | Self::Error500
            | Self::Error503
            | Self::Refused
            | Self::Closed
            | Self::ResetBefore
            | Self::LostReply
            | Self::Truncated
            | Self::Html
            | Self::Expired
            | Self::Uncoded(_) => None,
        }
    }

    /// The failure that it is, where it lasts: kind, code, retryable.
    fn failure(self) -> (&'static str, &'static str, bool) {
        match self {
            Self::Throttled | Self::ThrottledNew => ("unavailable", "throttled", true),
            Self::Error500 | Self::Error503 => ("unavailable", "unavailable", true),
            Self::Refused | Self::Closed | Self::ResetBefore | Self::LostReply | Self::Late | Self::LateApplied => {
                ("unavailable", "unreachable", true)
            }
            Self::Truncated | Self::Html => ("unavailable", "bad-reply", true),
            Self::Expired => ("credentials", "credentials-expired", false),
            Self::Uncoded(_) => ("refused", "parameter-rejected", false),
        }
    }

    /// Holds the outcome of the disturbed action against what this fault allows. `applied`: a call that it met changed
    /// something all the same, so an action that looks again may find its work done.
    pub(crate) fn check(self, times: Times, applied: bool, output: &Output) -> Result<(), String> {
        // No further attempt would help: expired credentials stay so, and who answers with a page is not AWS.
        let is_final = times == Times::UntilSpent || matches!(self, Self::Expired | Self::Html);
        let ok = output.json["ok"] == true;
        if ok && (!is_final || self == Self::Html || applied) {
            return Ok(());
        }
        let cannot_tell = || output.json["result"]["verdict"] == "inconclusive";
        if ok && (!output.warnings().is_empty() || cannot_tell()) {
            // What the action can do without, and says so: a test listener, a part of what `status` shows, a gate.
            return Ok(());
        }
        if !is_final {
            return Err(format!("one fault that passes was not survived: {output}"));
        }
        let (kind, code, retryable) = self.failure();
        let error = &output.json["error"];
        if (&error["kind"], &error["code"], &error["retryable"]) == (&json!(kind), &json!(code), &json!(retryable)) {
            return Ok(());
        }
        Err(format!("expected {kind}, {code}, retryable {retryable}: {output}"))
    }
}

impl fmt::Display for Disturbance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fault(fault, Times::Once) => write!(f, "{} once", fault.kind()),
            Self::Fault(fault, Times::UntilSpent) => write!(f, "{} until the retries are spent", fault.kind()),
            Self::Signal(signal, applied) => {
                let name = if *signal == Signal::Kill { "SIGKILL" } else { "SIGTERM" };
                write!(f, "{name} {} it is applied", if *applied { "after" } else { "before" })
            }
        }
    }
}
