//! What a load generator counted while the deployment ran (`resources/seen.schema.json`). A person names this file, and may
//! have made it, so what is wrong in it is an error: of a report that a build has archived the rest is better than nothing, but a
//! picture of wrong counts is worse.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Times beyond some 30,000 years are no times.
const LATEST: u64 = 1_000_000_000_000;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Load {
    /// Seconds since 1970.
    began: f64,
    by_second: Vec<Second>,
}

/// What came back of the requests that left in one second.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Second {
    /// Since it began.
    #[serde(rename = "second")]
    since: u64,
    pub(super) requests: u64,
    /// Not left out, even where it is none: a picture that says that none failed must have been told so.
    pub(super) failed: u64,
    /// The answers, by the version that gave them; the failed ones among them again.
    #[serde(default)]
    pub(super) versions: BTreeMap<String, u64>,
    #[serde(default)]
    pub(super) failed_versions: BTreeMap<String, u64>,
    #[serde(default)]
    pub(super) statuses: BTreeMap<String, u64>,
    #[serde(default)]
    milliseconds: Option<Milliseconds>,
}

#[derive(Debug, Clone, Deserialize)]
struct Milliseconds {
    p95: Option<f64>,
}

/// Why a file is none of these.
#[derive(Debug)]
pub(crate) enum Unfit {
    NotJson(serde_json::Error),
    /// In words.
    Wrong(String),
}

impl Load {
    pub(crate) fn of(text: &[u8]) -> Result<Self, Unfit> {
        let load: Self = serde_json::from_slice(text)
            .map_err(|error| if error.is_data() { Unfit::Wrong(error.to_string()) } else { Unfit::NotJson(error) })?;
        load.check().map_err(Unfit::Wrong)?;
        Ok(load)
    }

    fn check(&self) -> Result<(), String> {
        let latest = std::time::Duration::from_secs(LATEST).as_secs_f64();
        if !(0.0..=latest).contains(&self.began) {
            return Err(format!("began is {}, and not seconds since 1970", self.began));
        }
        self.by_second.iter().try_for_each(Second::check)
    }

    /// The seconds with their times in milliseconds since 1970, in their order, whatever that of the file is.
    pub(super) fn seconds(&self) -> Vec<(i64, &Second)> {
        let began = super::archive::millis(self.began);
        let later = |since: u64| i64::try_from(since).unwrap_or_default().saturating_mul(super::clock::SECOND);
        let mut seconds: Vec<_> =
            self.by_second.iter().map(|one| (began.saturating_add(later(one.since)), one)).collect();
        seconds.sort_by_key(|(at, _)| *at);
        seconds
    }
}

impl Second {
    fn check(&self) -> Result<(), String> {
        let name = format!("second {} of bySecond", self.since);
        if self.since > LATEST {
            return Err(format!("{name} is none that a load generator reaches"));
        }
        for (what, count, of, most) in [
            ("failed", self.failed, "requests", self.requests),
            ("versions", total(self.versions.values()), "requests", self.requests),
            ("failedVersions", total(self.failed_versions.values()), "failed", self.failed),
        ] {
            if count > most {
                return Err(format!("{name} has {count} in {what}, more than its {most} {of}"));
            }
        }
        match self.p95() {
            Some(p95) if p95 < 0.0 => Err(format!("{name} has a p95 of {p95} ms")),
            Some(_) | None => Ok(()),
        }
    }

    /// Milliseconds that 95 % of the answers took at most.
    pub(super) fn p95(&self) -> Option<f64> {
        self.milliseconds.as_ref()?.p95
    }
}

/// Of counts that somebody wrote; what is too many is the most.
pub(super) fn total<'a>(counts: impl Iterator<Item = &'a u64>) -> u64 {
    counts.fold(0, |sum, count| sum.saturating_add(*count))
}
