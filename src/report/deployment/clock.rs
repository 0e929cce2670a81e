//! Times and durations as a report writes them: in UTC, without a clock or a locale.

use std::fmt::Write;

use aws_smithy_types::date_time::{DateTime, Format};

/// What a report's times are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Clock {
    /// Milliseconds since 1970.
    Utc,
    /// Milliseconds since the beginning, of which is not known when it was.
    Since,
}

pub(super) const SECOND: i64 = 1000;
pub(super) const MINUTE: i64 = 60 * SECOND;
pub(super) const HOUR: i64 = 60 * MINUTE;
pub(super) const DAY: i64 = 24 * HOUR;

/// `2026-11-27T14:28:10…`; nothing for a year that RFC 3339 does not have.
fn rfc3339(at: i64) -> Option<String> {
    DateTime::from_millis(at).fmt(Format::DateTime).ok().filter(|text| text.get(4..5) == Some("-"))
}

impl Clock {
    /// A time of the day, with its seconds.
    pub(super) fn time(self, at: i64) -> String {
        match self {
            Self::Utc => {
                rfc3339(at).and_then(|text| text.get(11..19).map(str::to_owned)).unwrap_or_else(|| at.to_string())
            }
            Self::Since => format!("+{}", duration(at)),
        }
    }

    /// A day and a time.
    pub(super) fn moment(self, at: i64) -> String {
        match self {
            Self::Utc => self.day(at).map_or_else(|| at.to_string(), |day| format!("{day} {} UTC", self.time(at))),
            Self::Since => self.time(at),
        }
    }

    /// RFC 3339 without a zone, as `JUnit`'s `timestamp` has it.
    pub(super) fn stamp(self, at: i64) -> Option<String> {
        let text = (self == Self::Utc).then(|| rfc3339(at)).flatten()?;
        text.get(..19).map(str::to_owned)
    }

    pub(super) fn day(self, at: i64) -> Option<String> {
        let text = (self == Self::Utc).then(|| rfc3339(at)).flatten()?;
        text.get(..10).map(str::to_owned)
    }

    /// On an axis with marks so far apart, and the mark before this.
    pub(super) fn mark(self, at: i64, step: i64, before: Option<i64>) -> String {
        let time = self.time(at);
        if self == Self::Since {
            return time;
        }
        let short = if step % MINUTE == 0 { time.get(..5).unwrap_or(&time).to_owned() } else { time };
        let day = |at| self.day(at).and_then(|day| day.get(5..).map(str::to_owned));
        match (before.and_then(day), day(at)) {
            (Some(before), Some(today)) if before != today => format!("{today} {short}"),
            (Some(_) | None, Some(_) | None) => short,
        }
    }
}

/// A duration in two units at most.
pub(super) fn duration(millis: i64) -> String {
    let millis = millis.max(0);
    let two = |one: i64, unit: &str, rest: i64, other: &str| {
        let mut text = format!("{one}{unit}");
        if rest > 0 {
            write!(text, " {rest}{other}").ok();
        }
        text
    };
    match millis {
        0 => "0 s".to_owned(),
        ..10_000 => format!("{}.{} s", millis / 1000, millis % 1000 / 100),
        10_000..MINUTE => format!("{} s", millis / SECOND),
        MINUTE..HOUR => two(millis / MINUTE, "m", millis % MINUTE / SECOND, "s"),
        HOUR..DAY => two(millis / HOUR, "h", millis % HOUR / MINUTE, "m"),
        _ => two(millis / DAY, "d", millis % DAY / HOUR, "h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_has_two_units_at_most() {
        for (millis, words) in [
            (-1, "0 s"),
            (0, "0 s"),
            (40, "0.0 s"),
            (1_440, "1.4 s"),
            (59_999, "59 s"),
            (60_000, "1m"),
            (61_000, "1m 1s"),
            (7_800_000, "2h 10m"),
            (270_000_000, "3d 3h"),
        ] {
            assert_eq!(duration(millis), words, "{millis}");
        }
    }

    #[test]
    fn a_time_is_in_utc_and_any_number_is_one() {
        assert_eq!(Clock::Utc.moment(1_795_788_130_456), "2026-11-27 14:02:10 UTC");
        assert_eq!(Clock::Utc.mark(1_795_788_130_456, MINUTE, Some(1_795_788_130_456 - DAY)), "11-27 14:02");
        assert_eq!(Clock::Since.moment(61_000), "+1m 1s");
        for at in [0, i64::MIN, i64::MAX, 1_000_000_000_000_000] {
            assert!(!Clock::Utc.moment(at).is_empty() && Clock::Utc.stamp(at).is_none_or(|text| text.len() == 19));
        }
    }
}
