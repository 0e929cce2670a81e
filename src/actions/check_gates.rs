//! `check-gates`: whether a version that has live traffic does well, against the one that had it. It changes nothing, and
//! needs no memory: all readings since the traffic last changed are read at each look.

use std::time::{Duration, SystemTime};

use serde_json::json;

use crate::actions::settle::recently_stopped;
use crate::actions::{Report, report};
use crate::aws::cloudwatch::{Span, balancer_dimension, group_dimension};
use crate::config::required;
use crate::config::table::{
    Action, BUILD_TAG, CONNECTION, DEPLOYMENT, GATES, LOOK, MIN_HEALTHY, POLL_INTERVAL, SERVICE, TASK_SET_ARN, TRAFFIC,
    WEIGHT,
};
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::model::cloudwatch::{Alarm, AlarmState, Metrics, Side};
use crate::model::{Colour, Health, TaskSet};
use crate::observe::waiting::{Deadline, read};
use crate::observe::{Observed, observe, own_targets};
use crate::plan::gates::state::{Seen, doubts, share_of, state};
use crate::plan::gates::{
    INCOMPLETE, Judgement, Reading, SKIPPED, SKIPPED_FOR_LATENCY, Verdict, against_baseline, alarm, decided, errors,
    latency, side_by_side,
};
use crate::plan::readiness::{self, starting};
use crate::report::output::say;
use crate::report::view::timestamp;

/// What it is.
pub(super) const ACTION: Action = Action {
    name: "check-gates",
    step: Some("ecsCheckGates"),
    line: "Judge a version that has live traffic: alarms, errors, latency, its state",
    about: "Judges a version that has live traffic, by alarms, by errors and latency against the other version, and by its state. \
        pass, or inconclusive, where there is too little to tell; a gate that fails is an error. Changes nothing. With `for` it \
        looks again until that is over; it ends early where somebody has moved the traffic forward.",
    takes: &[
        &DEPLOYMENT, &TASK_SET_ARN, &SERVICE, &TRAFFIC, &WEIGHT, &GATES, &LOOK, &MIN_HEALTHY, &POLL_INTERVAL,
        &CONNECTION,
    ],
    command: None,
    result: &["taskSetArn", "deploymentId", "colour", "verdict", "weight", "share", "gates", "looks", "lookedAt"],
    errors: &[
        ("gate-failed", "one of the gates says that it does worse; the result has all of them"),
        ("weights-changed-meanwhile", "somebody has moved the traffic back"),
    ],
    example: &[
        ("config", "deploy/prod.yml"),
        ("deploymentId", BUILD_TAG),
        ("weight", "5"),
        ("since", "2026-01-31T12:00:00Z"),
        ("for", "10m"),
    ],
};

/// What is compared of the old version where it has no traffic any more: this long before the first request of the new one.
const BASELINE: Duration = Duration::from_hours(1);

/// CloudWatch answers within this, or its gates cannot tell at this look.
const ANSWER: Duration = Duration::from_secs(5);

/// Looks, once or until `for` is over.
pub(crate) async fn run(cx: &Context) -> Result<Report> {
    let since = *required(cx.settings.since.as_ref(), "since")?;
    let deadline = Deadline::after(cx.settings.looking);
    let mut looks = 0_u32;
    let mut before = cx.settings.before.clone();
    loop {
        // One look is one call of this program, with the attempts of any other; while it waits, the deadline counts.
        let look = if cx.settings.looking.is_zero() {
            Box::pin(look(cx, since)).await?
        } else {
            read(cx, &deadline, || Box::pin(look(cx, since))).await?
        };
        looks += 1;
        if before.as_deref() != Some(look.verdict().name()) {
            look.say();
        }
        before = Some(look.verdict().name().to_owned());
        if look.verdict() == Verdict::Fail {
            return Err(look.failure(looks));
        }
        if look.is_ahead(cx.settings.weight) || deadline.passed() {
            return Ok(look.report(looks));
        }
        cx.interrupt.sleep(deadline.next_pause(cx.settings.gates.every)).await?;
    }
}

/// What one look has found.
#[derive(Debug)]
struct Look {
    set: TaskSet,
    colour: Colour,
    /// By the weights, in percent.
    weight: f64,
    /// By the requests, in percent.
    share: Option<f64>,
    gates: Vec<Judgement>,
    at: SystemTime,
}

impl Look {
    fn verdict(&self) -> Verdict {
        decided(&self.gates)
    }

    /// Whether somebody has moved more traffic to it than its step gave it.
    fn is_ahead(&self, expected: Option<f64>) -> bool {
        self.weight > expected.unwrap_or(100.0)
    }

    /// A line for each gate.
    fn say(&self) {
        let share = self.share.map_or_else(String::new, |share| format!(", {share:.1} % of the requests"));
        say(format_args!("{} has {} % of the live traffic by its weights{share}", self.set.describe(), self.weight));
        self.gates.iter().for_each(|gate| say(line(gate)));
    }

    fn report(&self, looks: u32) -> Report {
        report(json!({
            "taskSetArn": self.set.arn,
            "deploymentId": self.set.external_id,
            "colour": self.colour,
            "verdict": self.verdict(),
            "weight": self.weight,
            "share": self.share,
            "gates": self.gates,
            "looks": looks,
            "lookedAt": timestamp(self.at),
        }))
    }

    fn failure(&self, looks: u32) -> Error {
        let failed: Vec<String> = self
            .gates
            .iter()
            .filter(|gate| gate.verdict == Verdict::Fail && !gate.dry_run)
            .map(|gate| format!("{}: {}", gate.gate, gate.words))
            .collect();
        let message = format!("{} does worse: {}", self.set.describe(), failed.join("; "));
        let mut error = Error::new(Kind::Failed, "gate-failed", message)
            .hint("roll the deployment back with rollback; `gates` in docs/canary.md says what each gate means");
        error.result = Box::new(self.report(looks));
        error
    }
}

fn line(gate: &Judgement) -> String {
    let dry_run = if gate.dry_run { " (dry run: decides nothing)" } else { "" };
    let notes: Vec<&str> = std::iter::once("").chain(gate.notes.iter().map(String::as_str)).collect();
    format!("  {}: {}{dry_run}: {}{}", gate.gate, gate.verdict.name(), gate.words, notes.join("; "))
}

async fn look(cx: &Context, since: SystemTime) -> Result<Look> {
    let at = SystemTime::now();
    let observed = observe(cx).await?;
    let set = observed.required_version(&cx.settings)?;
    let colour = observed.required_colour(set)?;
    let weight = share_of(&observed.live_forwards(), &observed.groups, colour, cx.settings.weight)?;
    let window = Window::new(cx, since, at);
    let (state, metrics, alarms) = tokio::join!(
        Box::pin(judged_state(cx, &observed, set)),
        Box::pin(tolerated(metrics(cx, &observed, colour, &window))),
        Box::pin(tolerated(alarms(cx, since))),
    );
    let mut gates = vec![state?];
    gates.extend(judged_alarms(cx, &alarms?, since));
    let (of_traffic, share) = judged_traffic(cx, metrics?, &window);
    gates.extend(of_traffic);
    Ok(Look { set: set.clone(), colour, weight, share, gates, at })
}

async fn judged_state(cx: &Context, observed: &Observed, set: &TaskSet) -> Result<Judgement> {
    let service = &observed.service;
    let targets = own_targets(cx, service, set).await?;
    let reading = readiness::Reading {
        set,
        service_desired: service.desired_count,
        health: Health::of(&targets),
        min_healthy: cx.settings.min_healthy,
        starting: starting(service, set, SystemTime::now()),
    };
    let stopped = if doubts(&reading) { recently_stopped(cx, service, set).await? } else { Vec::new() };
    Ok(state(&Seen { standing: &observed.standing, reading, targets: &targets, stopped: &stopped }))
}

/// What CloudWatch does not tell makes its gates inconclusive, and is no failure of the version. Only what says that nothing
/// at all can be read ends the action.
async fn tolerated<T>(asked: impl Future<Output = Result<T>>) -> Result<Result<T, String>> {
    match tokio::time::timeout(ANSWER, asked).await {
        Ok(Ok(told)) => Ok(Ok(told)),
        Ok(Err(error)) => match error.kind {
            Kind::Interrupted(_) => Err(error),
            Kind::Credentials if error.code != "access-denied" => Err(error),
            Kind::Credentials
            | Kind::Unexpected
            | Kind::Usage
            | Kind::Refused
            | Kind::NotFound
            | Kind::Timeout
            | Kind::Failed
            | Kind::Unavailable => Ok(Err(error.message)),
        },
        Err(_) => Ok(Err(format!("CloudWatch has not answered within {} s", ANSWER.as_secs()))),
    }
}

/// The time whose readings are judged.
#[derive(Debug, Clone, Copy)]
struct Window {
    period: Duration,
    /// From the first reading that is whole and after the warm-up on.
    from: SystemTime,
    /// To the end of the last reading that is whole.
    to: SystemTime,
    /// With all traffic on the version: the old one's time that it is held against.
    baseline: Option<(SystemTime, SystemTime)>,
}

impl Window {
    fn new(cx: &Context, since: SystemTime, now: SystemTime) -> Self {
        let period = cx.settings.gates.period;
        let from = aligned(since + period * (SKIPPED + 1), period);
        let to = aligned(now - period * INCOMPLETE, period);
        let first = cx.settings.baseline.filter(|_| cx.settings.weight.is_none());
        let baseline = first.map(|first| (aligned(first - BASELINE, period), aligned(first, period)));
        Self { period, from, to: to.max(from), baseline }
    }

    fn span(&self) -> Span {
        let from = self.baseline.map_or(self.from, |(from, _)| from.min(self.from));
        Span { from, to: self.to, period: self.period }
    }

    /// The readings from when on latency is judged.
    fn without_cold_caches<'a>(&self, readings: &'a [Reading]) -> &'a [Reading] {
        let from = self.from + self.period * (SKIPPED_FOR_LATENCY - SKIPPED);
        readings.get(readings.partition_point(|reading| reading.at < from)..).unwrap_or_default()
    }

    fn is_empty(&self) -> bool {
        self.from >= self.to
    }
}

/// The last beginning of a period that is not after a time.
fn aligned(at: SystemTime, period: Duration) -> SystemTime {
    let since = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let periods = since.as_secs() / period.as_secs().max(1);
    SystemTime::UNIX_EPOCH + Duration::from_secs(periods * period.as_secs())
}

/// Both groups in one call; nothing where no gate wants it, or there is no whole reading yet.
async fn metrics(cx: &Context, observed: &Observed, colour: Colour, window: &Window) -> Result<Option<Metrics>> {
    let Some(listener) = observed.live.first() else { return Ok(None) };
    if !cx.settings.gates.reads_metrics() || window.is_empty() {
        return Ok(None);
    }
    let balancer = balancer_dimension(&listener.forward.arn)?;
    let groups = [colour, colour.other()].map(|colour| group_dimension(observed.groups.get(colour)));
    let stat = cx.settings.gates.latency.as_ref().map(|gate| gate.stat.as_str());
    cx.aws.metrics(&balancer, &groups, stat, window.span()).await.map(Some)
}

fn judged_traffic(
    cx: &Context,
    told: Result<Option<Metrics>, String>,
    window: &Window,
) -> (Vec<Judgement>, Option<f64>) {
    let gates = &cx.settings.gates;
    let metrics = match told {
        Ok(metrics) => metrics.unwrap_or_default(),
        Err(why) => Metrics { gaps: Some(why), ..Metrics::default() },
    };
    let (readings, share) = compared(&metrics, window);
    let mut judged: Vec<Judgement> = gates
        .errors
        .iter()
        .map(|gate| errors(gate, &readings, metrics.balancer_errors))
        .chain(gates.latency.iter().map(|gate| latency(gate, window.without_cold_caches(&readings))))
        .collect();
    if let Some(why) = &metrics.gaps {
        for judgement in &mut judged {
            // What was read may be enough to fail, and is never enough to pass.
            if judgement.verdict != Verdict::Fail {
                let dry_run = judgement.dry_run;
                *judgement = Judgement { dry_run, ..Judgement::unreadable(&judgement.gate, why) };
            }
        }
    }
    (judged, share)
}

/// The readings of both versions side by side, and the new one's share of the requests.
fn compared(metrics: &Metrics, window: &Window) -> (Vec<Reading>, Option<f64>) {
    let [new, old] = metrics.groups.as_slice() else { return (Vec::new(), None) };
    let new = new.range(window.from..window.to).map(|(at, side)| (*at, *side)).collect();
    if let Some((from, to)) = window.baseline {
        let old = old.range(from..to).map(|(at, side)| (*at, *side)).collect();
        return (against_baseline(&new, &old), None);
    }
    let readings = side_by_side(&new, old);
    let sum = |side: fn(&Reading) -> &Side| readings.iter().map(|reading| side(reading).requests).sum::<f64>();
    let (ours, theirs) = (sum(|reading| &reading.new), sum(|reading| &reading.old));
    let share = (ours + theirs > 0.0).then(|| (1000.0 * ours / (ours + theirs)).round() / 10.0);
    (readings, share)
}

async fn alarms(cx: &Context, since: SystemTime) -> Result<Vec<Alarm>> {
    let names = cx.settings.gates.alarms.as_slice();
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let mut alarms = cx.aws.alarms(names).await?;
    for alarm in alarms.iter_mut().filter(|alarm| alarm.state != AlarmState::Alarm && !alarm.is_unchanged_since(since))
    {
        // Whether it was in ALARM in between; without the permission that is not known, and the gate says so.
        match cx.aws.alarm_history(&alarm.name, since).await {
            Ok(left) => alarm.left = Some(left),
            Err(error) if error.code == "access-denied" => {}
            Err(error) => return Err(error),
        }
    }
    Ok(alarms)
}

fn judged_alarms(cx: &Context, told: &Result<Vec<Alarm>, String>, since: SystemTime) -> Vec<Judgement> {
    let gates = &cx.settings.gates;
    let begun = cx.settings.baseline.unwrap_or(since);
    let judge = |name: &String| match told {
        Err(why) => Judgement::unreadable(format!("alarm {name}"), why),
        Ok(alarms) => {
            let found = alarms.iter().find(|alarm| alarm.name == *name);
            let before = found.is_some_and(|alarm| alarm.was_before(begun));
            alarm(name, found, since, gates.ignores_alarms_before() && before)
        }
    };
    gates.alarms.iter().map(judge).collect()
}
