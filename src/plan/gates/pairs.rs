//! Which period of the one version is held against which of the other.

use std::time::SystemTime;

use super::{Reading, count};
use crate::model::cloudwatch::{Readings, Side};

/// While both versions have traffic: the same minute of both. Trouble that hits both then cancels.
pub(crate) fn side_by_side(new: &Readings, old: &Readings) -> Vec<Reading> {
    with_requests(new).map(|(at, new)| Reading { at, new, old: old.get(&at).copied().unwrap_or_default() }).collect()
}

/// After the swap the other version has no traffic: the first minute with its first one before the first shift, and so on.
/// Each is used once, so that the odds stay true; what comes after the last is compared with nothing.
pub(crate) fn against_baseline(new: &Readings, old: &Readings) -> Vec<Reading> {
    let mut old = with_requests(old).map(|(_, side)| side);
    with_requests(new).map(|(at, new)| Reading { at, new, old: old.next().unwrap_or_default() }).collect()
}

/// Without those in which nothing happened: they are no data. What cannot be understood stays, to be told.
fn with_requests(readings: &Readings) -> impl Iterator<Item = (SystemTime, Side)> {
    let sides = readings.iter().map(|(at, side)| (*at, *side));
    sides.filter(|(_, side)| count(side).is_none_or(|count| count.requests > 0.0))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn sides(of: &[(u64, f64)]) -> Readings {
        let at = |minute| SystemTime::UNIX_EPOCH + Duration::from_mins(minute);
        of.iter().map(|(minute, requests)| (at(*minute), Side { requests: *requests, ..Side::default() })).collect()
    }

    /// Minute, requests of the new version, requests of the old one.
    fn told(readings: &[Reading]) -> Vec<(u64, f64, f64)> {
        let minute = |at: SystemTime| at.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs() / 60;
        readings.iter().map(|reading| (minute(reading.at), reading.new.requests, reading.old.requests)).collect()
    }

    #[test]
    fn a_minute_is_held_against_the_same_minute() {
        let new = sides(&[(3, 30.0), (1, 10.0), (2, 20.0), (4, 0.0)]);
        let old = sides(&[(2, 200.0), (1, 100.0), (4, 400.0), (5, 500.0)]);
        assert_eq!(told(&side_by_side(&new, &old)), [(1, 10.0, 100.0), (2, 20.0, 200.0), (3, 30.0, 0.0)]);
    }

    #[test]
    fn after_the_swap_each_minute_of_the_hour_before_is_used_once() {
        let new = sides(&[(90, 1.0), (91, 2.0), (92, 0.0), (93, 3.0), (94, 4.0)]);
        let old = sides(&[(3, 30.0), (1, 10.0), (2, 0.0), (5, 50.0)]);
        let expected = [(90, 1.0, 10.0), (91, 2.0, 30.0), (93, 3.0, 50.0), (94, 4.0, 0.0)];
        assert_eq!(told(&against_baseline(&new, &old)), expected);
    }

    #[test]
    fn errors_without_requests_and_what_cannot_be_true_are_kept_to_be_told() {
        let at = SystemTime::UNIX_EPOCH;
        for side in [
            Side { errors: 3.0, ..Side::default() },
            Side { requests: f64::NAN, ..Side::default() },
            Side { requests: -1.0, ..Side::default() },
        ] {
            assert_eq!(side_by_side(&[(at, side)].into(), &Readings::new()).len(), 1, "{side:?}");
        }
    }
}
