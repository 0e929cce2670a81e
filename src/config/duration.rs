//! Durations: a number of seconds, or text as `90`, `10m`, `1h30m`, `500ms`.

use std::time::Duration;

use humantime::DurationError;
use serde_json::Value;

/// Nothing here waits longer than a week.
const LONGEST: Duration = Duration::from_hours(7 * 24);

/// What is right, for hints.
pub(super) const EXPECTED: &str = "a number of seconds, or a text as '90', '10m', '1h30m' or '500ms'";

/// Reads a duration that is not below `least` milliseconds.
pub(super) fn parse(value: &Value, least: u64) -> Result<Duration, String> {
    let time = match value {
        Value::Number(number) => number.as_f64().ok_or("is not a duration".to_owned()).and_then(seconds),
        Value::String(text) => text_duration(text.trim()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => Err("is not a duration".to_owned()),
    }?;
    let least = Duration::from_millis(least);
    if time > LONGEST {
        Err("is longer than 7 days".to_owned())
    } else if time < least {
        Err(format!("is shorter than {}", humantime::format_duration(least)))
    } else {
        Ok(time)
    }
}

fn seconds(number: f64) -> Result<Duration, String> {
    if number < 0.0 {
        return Err("is negative".to_owned());
    }
    Duration::try_from_secs_f64(number).map_err(|_| "is not a duration".to_owned())
}

fn text_duration(text: &str) -> Result<Duration, String> {
    if text.is_empty() {
        return Err("is empty".to_owned());
    }
    if let Some(positive) = text.strip_prefix('-')
        && text_duration(positive).is_ok()
    {
        return Err("is negative".to_owned());
    }
    // Rust reads `inf`, `nan` and `1e5` as numbers; a person who wrote these did not mean seconds.
    if text.chars().all(|c| c.is_ascii_digit() || c == '.') {
        return text.parse().map_err(|_| "is not a duration".to_owned()).and_then(seconds);
    }
    humantime::parse_duration(text).map_err(|error| match error {
        DurationError::UnknownUnit { unit, .. } if !unit.is_empty() => {
            format!("is not a duration: the unit '{}' is unknown", crate::report::words::bounded(&unit, 20))
        }
        DurationError::NumberOverflow => "is longer than 7 days".to_owned(),
        DurationError::InvalidCharacter(_)
        | DurationError::NumberExpected(_)
        | DurationError::UnknownUnit { .. }
        | DurationError::Empty => "is not a duration".to_owned(),
    })
}

/// Seconds, as a number without a fraction where it has none.
pub(super) fn to_json(time: Duration) -> Value {
    if time.subsec_nanos() == 0 { time.as_secs().into() } else { time.as_secs_f64().into() }
}

/// The other way round, of what [`to_json`] made.
pub(super) fn from_json(value: &Value) -> Option<Duration> {
    value.as_f64().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_spelling_is_understood() {
        for (value, millis) in [
            (json!(90), 90_000),
            (json!(0), 0),
            (json!(0.5), 500),
            (json!("90"), 90_000),
            (json!("1.5"), 1_500),
            (json!(" 10m "), 600_000),
            (json!("1h30m"), 5_400_000),
            (json!("500ms"), 500),
            (json!("7d"), 604_800_000),
            (json!("1h 30m"), 5_400_000),
        ] {
            assert_eq!(parse(&value, 0), Ok(Duration::from_millis(millis)), "{value}");
        }
    }

    #[test]
    fn what_is_no_duration_says_why() {
        for (value, problem) in [
            (json!("soon"), "is not a duration"),
            (json!(""), "is empty"),
            (json!(-1), "is negative"),
            (json!("-10m"), "is negative"),
            (json!("nan"), "is not a duration"),
            (json!("inf"), "is not a duration"),
            (json!("1e3"), "is not a duration: the unit 'e' is unknown"),
            (json!("10 parsecs"), "is not a duration: the unit 'parsecs' is unknown"),
            (json!("8d"), "is longer than 7 days"),
            (json!("99999999999999999999h"), "is longer than 7 days"),
            (json!(1e300), "is not a duration"),
            (json!(true), "is not a duration"),
            (json!([1]), "is not a duration"),
            (json!("1.2.3"), "is not a duration"),
        ] {
            assert_eq!(parse(&value, 0), Err(problem.to_owned()), "{value}");
        }
        assert_eq!(parse(&json!(0), 100), Err("is shorter than 100ms".to_owned()));
    }

    #[test]
    fn json_has_whole_seconds_as_integers() {
        assert_eq!(to_json(Duration::from_mins(10)).to_string(), "600");
        assert_eq!(to_json(Duration::from_millis(1500)).to_string(), "1.5");
        assert_eq!(from_json(&to_json(Duration::from_millis(500))), Some(Duration::from_millis(500)));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_a_duration_or_an_error(text in "\\PC{0,40}") {
            if let Ok(time) = parse(&Value::String(text), 0) {
                proptest::prop_assert!(time <= LONGEST);
            }
        }

        #[test]
        fn any_number_is_a_duration_or_an_error(number in proptest::num::f64::ANY) {
            drop(parse(&json!(number), 0));
        }
    }
}
