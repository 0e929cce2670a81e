//! How often the gates stop a good version and find a bad one: simulated, with a fixed seed, and held against
//! `docs/canary.md`.

use std::fmt::Write;
use std::time::{Duration, SystemTime};

use fastrand::Rng;

use super::latency::{BREACHES, LAST, is_slower};
use super::odds::{ENOUGH, Odds};
use super::*;
use crate::config::{ErrorsGate as Errors, LatencyGate as Latency};

/// Canaries of each kind;
const RUNS: u32 = 2000;

/// fewer where only the size matters.
const FEW_RUNS: u32 = 500;

#[test]
fn errors_stop_few_good_versions_and_find_bad_ones_soon() {
    let mut rng = Rng::with_seed(11);
    let mut table = String::from(
        "| Errors | stopped though no worse | … in bursts | … in hard bursts | 10 times worse: found | 50 times |\n\
         |---|---|---|---|---|---|\n",
    );
    for step in STEPS {
        let ErrorStep { minutes, new, old, base, stopped, found } = step;
        let (asked, percent) = (requests(new, old), words::short(base * 100.0));
        write!(table, "| {minutes} min, {asked}, {percent} % fail anyhow |").unwrap();
        for (bursts, bar) in [0.0, 1.0, 4.0].into_iter().zip(stopped) {
            let outcome = simulate(RUNS, &mut rng, |rng| step.run(rng, |_| 1.0, bursts));
            write!(table, " {:.1} % |", outcome.percent()).unwrap();
            assert!(outcome.percent() <= bar + by_chance(bar), "{table}");
        }
        for (worse, bar) in [10.0, 50.0].into_iter().zip(found) {
            let outcome = simulate(RUNS, &mut rng, |rng| step.run(rng, |_| worse, 0.0));
            write!(table, " {}", outcome.found()).unwrap();
            assert!(outcome.percent() >= bar - by_chance(bar), "{table}");
        }
        table.push('\n');
    }
    is_documented(&table);
}

/// Which steps are worth their time: what a service with so many requests a minute sees at which weight.
#[test]
fn what_a_step_sees_depends_on_its_requests() {
    let mut rng = Rng::with_seed(13);
    let weights = [1, 5, 25, 50];
    let mut table = String::from("| Requests a minute of the service |");
    for weight in weights {
        write!(table, " {weight} % |").unwrap();
    }
    table.push_str("\n|---|---|---|---|---|\n");
    for all in [100, 1000, 10_000] {
        write!(table, "| {} |", words::count(f64::from(all))).unwrap();
        for weight in weights {
            let new = all * weight / 100;
            let step = ErrorStep { new, old: all - new, ..STEPS[0] };
            let [ten, fifty] =
                [10.0, 50.0].map(|worse| simulate(FEW_RUNS, &mut rng, |rng| step.run(rng, |_| worse, 0.0)).percent());
            write!(table, " {ten:.0} %, {fifty:.0} % |").unwrap();
        }
        table.push('\n');
    }
    is_documented(&table);
}

#[test]
fn ten_times_as_many_errors_at_500_requests_a_minute_are_found_within_five_minutes() {
    let mut rng = Rng::with_seed(5);
    let outcome = simulate(RUNS, &mut rng, |rng| ErrorStep { minutes: 5, ..STEPS[1] }.run(rng, |_| 10.0, 0.0));
    assert!(outcome.percent() >= 99.0, "{}", outcome.percent());
}

/// Good minutes do not pay for bad ones: also with much traffic, of which much fails anyhow.
#[test]
fn what_goes_bad_after_an_hour_is_found_within_ten_minutes() {
    let mut rng = Rng::with_seed(3);
    let much = ErrorStep { minutes: 70, new: 5000, old: 5000, base: 0.01, ..STEPS[0] };
    for step in [much, ErrorStep { minutes: 70, ..STEPS[1] }, ErrorStep { minutes: 70, ..STEPS[2] }] {
        for _ in 0..50 {
            let found = step.run(&mut rng, |minute| if minute > 60 { 10.0 } else { 1.0 }, 0.0);
            assert!(found > Some(60), "{found:?} with {} of {} requests", step.new, step.new + step.old);
        }
    }
}

#[test]
fn latency_stops_few_good_versions_where_minutes_are_alike_and_more_where_they_are_not() {
    let mut rng = Rng::with_seed(7);
    let mut table = String::from(
        "| Latency | stopped though not slower | … uneven minutes | … very uneven | twice as slow: found | 3 times |\n\
         |---|---|---|---|---|---|\n",
    );
    for step in [
        LatencyStep { minutes: 10, new: 100, old: 1900 },
        LatencyStep { minutes: 30, new: 500, old: 4500 },
        LatencyStep { minutes: 60, new: 100, old: 900 },
    ] {
        write!(table, "| {} min, {} |", step.minutes, requests(step.new, step.old)).unwrap();
        for uneven in UNEVEN {
            let outcome = simulate(RUNS, &mut rng, |rng| step.run(rng, 1.0, uneven));
            write!(table, " {:.1} % |", outcome.percent()).unwrap();
            assert!(uneven > 0.0 || outcome.percent() <= 1.0, "{table}");
        }
        for slower in [2.0, 3.0] {
            let outcome = simulate(RUNS, &mut rng, |rng| step.run(rng, slower, UNEVEN[0]));
            write!(table, " {}", outcome.found()).unwrap();
            assert!(outcome.percent() >= 99.0, "{table}");
        }
        table.push('\n');
    }
    is_documented(&table);
}

/// A step: so many minutes, requests a minute of both versions, and the part of them that fails anyhow.
#[derive(Clone, Copy)]
struct ErrorStep {
    minutes: u32,
    new: u32,
    old: u32,
    base: f64,
    /// At most so many percent may be stopped: where errors are independent, in bursts, in hard bursts.
    stopped: [f64; 3],
    /// At least so many percent are found: 10 and 50 times worse.
    found: [f64; 2],
}

const STEPS: [ErrorStep; 4] = [
    ErrorStep { minutes: 10, new: 50, old: 950, base: 0.001, stopped: [0.0, 0.1, 0.1], found: [47.0, 99.5] },
    ErrorStep { minutes: 10, new: 500, old: 9500, base: 0.001, stopped: [0.0, 0.1, 0.4], found: [99.5, 99.5] },
    ErrorStep { minutes: 30, new: 50, old: 450, base: 0.01, stopped: [0.2, 2.9, 8.1], found: [99.5, 99.5] },
    ErrorStep { minutes: 60, new: 10, old: 90, base: 0.002, stopped: [0.1, 0.1, 0.1], found: [94.0, 99.5] },
];

impl ErrorStep {
    /// The minute after which the gate stops a canary, if it does, when it is looked at each minute. `worse`: so many
    /// times as often the new version fails in a minute. `bursts`: each minute's rate, of each side on its own, is multiplied by a gamma of mean 1
    /// and this variance.
    fn run(&self, rng: &mut Rng, worse: impl Fn(u32) -> f64, bursts: f64) -> Option<u32> {
        let gate = Errors { times: 2.0, max: None, min_requests: 100, dry_run: false };
        let mut readings = Vec::new();
        let mut odds = Odds::default();
        for minute in 1..=self.minutes {
            let mut side = |requests: u32, rate: f64| {
                let rate = (rate * gamma(rng, bursts)).min(1.0);
                Side { requests: f64::from(requests), errors: binomial(rng, requests, rate), latency: None }
            };
            let (new, old) = (side(self.new, self.base * worse(minute)), side(self.old, self.base));
            odds = odds.and(count(&new).unwrap(), count(&old).unwrap());
            readings.push(Reading { at: at(minute), new, old });
            // The gate itself is asked where it can fail: it also words its answer, which takes long.
            if odds.value() >= ENOUGH && errors(&gate, &readings, 0.0).verdict == Verdict::Fail {
                return Some(minute);
            }
        }
        None
    }
}

/// By how much a minute's latency is its own, for either side: the deviation of its logarithm.
const UNEVEN: [f64; 3] = [0.0, 0.2, 0.4];

/// A step: so many minutes, and requests a minute of both versions.
struct LatencyStep {
    minutes: u32,
    new: u32,
    old: u32,
}

impl LatencyStep {
    /// As above. The old version's p90 is 200 ms, and the times of requests are log-normal with a deviation of 1: the p90 of n
    /// of them has a logarithm with a deviation of 1.71 / √n.
    fn run(&self, rng: &mut Rng, slower: f64, uneven: f64) -> Option<u32> {
        let at_least = Duration::from_millis(50);
        let gate = Latency { stat: "p90".into(), times: 1.5, at_least, max: None, dry_run: false };
        let mut readings = Vec::new();
        for minute in 1..=self.minutes {
            let mut side = |requests: u32, p90: f64| {
                let deviation = (2.924 / f64::from(requests) + uneven * uneven).sqrt();
                let latency = Some(Duration::from_secs_f64(p90 * (deviation * normal(rng)).exp()));
                Side { requests: f64::from(requests), errors: 0.0, latency }
            };
            let (new, old) = (side(self.new, 0.2 * slower), side(self.old, 0.2));
            readings.push(Reading { at: at(minute), new, old });
            let last = &readings[readings.len().saturating_sub(LAST)..];
            let is_slower =
                |reading: &&Reading| is_slower(&gate, reading.new.latency.unwrap(), reading.old.latency.unwrap());
            if last.iter().filter(is_slower).count() >= BREACHES as usize
                && latency(&gate, last).verdict == Verdict::Fail
            {
                return Some(minute);
            }
        }
        None
    }
}

/// Of so many canaries: after how many minutes those were stopped that were, in order.
struct Outcome {
    runs: u32,
    stopped: Vec<u32>,
}

fn simulate(runs: u32, rng: &mut Rng, mut run: impl FnMut(&mut Rng) -> Option<u32>) -> Outcome {
    let mut stopped: Vec<u32> = (0..runs).filter_map(|_| run(rng)).collect();
    stopped.sort_unstable();
    Outcome { runs, stopped }
}

impl Outcome {
    fn percent(&self) -> f64 {
        100.0 * f64::from(u32::try_from(self.stopped.len()).unwrap()) / f64::from(self.runs)
    }

    /// How many, and the median time of those.
    fn found(&self) -> String {
        format!("{:.0} %, {} min |", self.percent(), self.stopped[self.stopped.len() / 2])
    }
}

/// By how much so many percent of the runs may be off: three deviations.
fn by_chance(percent: f64) -> f64 {
    3.0 * (percent * (100.0 - percent) / f64::from(RUNS)).sqrt()
}

fn requests(new: u32, old: u32) -> String {
    format!("{} against {} a minute", words::count(f64::from(new)), words::count(f64::from(old)))
}

fn at(minute: u32) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_mins(u64::from(minute))
}

fn is_documented(table: &str) {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/canary.md")).unwrap_or_default();
    assert!(page.contains(table), "docs/canary.md has another table than this:\n{table}");
}

/// Above 0, at most 1.
fn unit(rng: &mut Rng) -> f64 {
    1.0 - rng.f64()
}

/// How many of so many fail: jumps from one that fails to the next.
fn binomial(rng: &mut Rng, of: u32, rate: f64) -> f64 {
    if rate >= 1.0 {
        return f64::from(of);
    }
    let (mut at, mut failed) = (0.0, 0.0);
    loop {
        at += (unit(rng).ln() / (-rate).ln_1p()).floor() + 1.0;
        if at > f64::from(of) {
            return failed;
        }
        failed += 1.0;
    }
}

/// Of mean 1: at variance 1 the exponential, above it that of shape 1/variance, by Jöhnk's method.
fn gamma(rng: &mut Rng, variance: f64) -> f64 {
    if variance == 0.0 {
        return 1.0;
    }
    let exponential = -unit(rng).ln();
    let shape = 1.0 / variance;
    if shape >= 1.0 {
        return exponential;
    }
    loop {
        let (x, y) = (unit(rng).powf(1.0 / shape), unit(rng).powf(1.0 / (1.0 - shape)));
        if x + y <= 1.0 {
            return variance * exponential * x / (x + y);
        }
    }
}

/// By Box and Muller's method.
fn normal(rng: &mut Rng) -> f64 {
    (-2.0 * unit(rng).ln()).sqrt() * (std::f64::consts::TAU * unit(rng)).cos()
}
