//! Numbers as people and the JSON have them.

use std::time::Duration;

use serde_json::{Number, Value};

use super::Count;
use super::odds::MOST_SHOWN;
use crate::report::words::thousands;

/// A count with its thousands apart: `9,100`.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "held within what fits")]
pub(super) fn count(number: f64) -> String {
    thousands(number.clamp(0.0, 1e15).round_ties_even() as u64)
}

/// Odds, as exactly as they mean something: `3,100 : 1`.
pub(super) fn odds(odds: f64) -> String {
    if odds >= MOST_SHOWN * 0.999 {
        format!("more than {} : 1", count(MOST_SHOWN))
    } else if odds >= 10.0 {
        let unit = 10_f64.powf((odds.log10().floor() - 1.0).max(0.0));
        format!("{} : 1", count((odds / unit).floor() * unit))
    } else if odds >= 0.1 {
        format!("{odds:.1} : 1")
    } else {
        "less than 0.1 : 1".to_owned()
    }
}

/// `12 of 480`.
pub(super) fn failed(counted: Count) -> String {
    format!("{} of {}", count(counted.errors), count(counted.requests))
}

/// A number with as many decimals as it needs, two at most: `1`, `0.25`.
pub(super) fn short(number: f64) -> String {
    let text = format!("{number:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// `340ms`, `1s 200ms`.
pub(super) fn time(time: Duration) -> String {
    humantime::format_duration(Duration::from_millis(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))).to_string()
}

/// `1 reading`, `3 readings`.
pub(super) fn readings(number: usize) -> String {
    format!("{number} reading{}", if number == 1 { "" } else { "s" })
}

/// A number of the JSON, in hundredths at most; whole ones as such.
pub(super) fn number(number: f64) -> Value {
    short(number).parse::<Number>().map_or(Value::Null, Value::Number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_for_people() {
        for (number, counted, odd) in [
            (0.0, "0", "less than 0.1 : 1"),
            (0.4, "0", "0.4 : 1"),
            (99.96, "100", "99 : 1"),
            (100.0, "100", "100 : 1"),
            (3_149.0, "3,149", "3,100 : 1"),
            (1_234_567.0, "1,234,567", "1,200,000 : 1"),
            (f64::INFINITY, "1,000,000,000,000,000", "more than 1,000,000,000 : 1"),
        ] {
            assert_eq!((count(number).as_str(), odds(number).as_str()), (counted, odd));
        }
        assert_eq!(["1", "0.25", "100"].map(str::to_owned), [1.0, 0.25, 100.0].map(short));
        assert_eq!([Value::from(12), Value::from(2.5), Value::Null], [12.0, 2.5, f64::NAN].map(number));
        assert_eq!((readings(1), readings(0)), ("1 reading".to_owned(), "0 readings".to_owned()));
        assert_eq!(time(Duration::from_micros(1_200_400)), "1s 200ms");
        drop(time(Duration::MAX));
    }
}
