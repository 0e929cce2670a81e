//! Where a time stands between the beginning and the end: linear, but for long waits for a person, which are cut short so
//! that they do not press everything else into a corner.

#![allow(clippy::cast_precision_loss, reason = "a place in a picture; half a pixel is some 10^-4 of it")]

use super::clock::{DAY, HOUR, MINUTE, SECOND};

/// A wait is cut short that takes more than this part of all other time, and then gets so much of it.
const LONG: f64 = 0.4;
const SHORT: f64 = 0.16;

/// Distances between two marks of the axis.
const STEPS: [i64; 19] = [
    SECOND,
    2 * SECOND,
    5 * SECOND,
    10 * SECOND,
    20 * SECOND,
    30 * SECOND,
    MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    20 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    4 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
];

/// How many marks an axis has, at most, about.
const MARKS: i64 = 8;

#[derive(Debug)]
pub(super) struct Scale {
    /// Times with their places, 0 to 1; both grow.
    knots: Vec<(i64, f64)>,
    /// The waits that are cut short.
    pub(super) cuts: Vec<(i64, i64)>,
    /// Of the time that is not cut.
    shown: i64,
}

impl Scale {
    /// Waits are in the order of their times.
    pub(super) fn new(begin: i64, end: i64, waits: &[(i64, i64)]) -> Self {
        let end = end.max(begin + 1);
        let waits = apart(begin, end, waits);
        let mut rest = (end - begin) - waits.iter().map(|(from, to)| to - from).sum::<i64>();
        let mut cuts = waits;
        // One wait that is not worth a cut is time like any other, and the next may not be either then.
        while let Some(at) = cuts.iter().position(|(from, to)| rest <= 0 || ((to - from) as f64) <= LONG * rest as f64)
        {
            let (from, to) = cuts.remove(at);
            rest += to - from;
        }
        let cut = SHORT * rest as f64;
        let whole = rest as f64 + cut * cuts.len() as f64;
        let mut knots = vec![(begin, 0.0)];
        let mut place = 0.0;
        let mut at = begin;
        for (from, to) in &cuts {
            place += (from - at) as f64 / whole;
            knots.push((*from, place));
            place += cut / whole;
            knots.push((*to, place));
            at = *to;
        }
        knots.push((end, 1.0));
        Self { knots, cuts, shown: rest }
    }

    /// Where a time stands, 0 to 1.
    pub(super) fn place(&self, at: i64) -> f64 {
        let after = self.knots.partition_point(|(knot, _)| *knot <= at);
        match (after.checked_sub(1).and_then(|before| self.knots.get(before)), self.knots.get(after)) {
            (Some((from, left)), Some((to, right))) => {
                left + (right - left) * ((at - from) as f64 / (to - from).max(1) as f64)
            }
            (Some((_, place)), None) | (None, Some((_, place))) => *place,
            (None, None) => 0.0,
        }
    }

    /// The distance of the axis' marks, and the marks.
    pub(super) fn marks(&self) -> (i64, Vec<i64>) {
        let wanted = self.shown / MARKS + 1;
        let step = STEPS.into_iter().find(|step| *step >= wanted).unwrap_or((wanted / DAY + 1) * DAY);
        let mut marks = Vec::new();
        let mut from = self.knots.first().map_or(0, |(at, _)| *at);
        let ends = self.cuts.iter().copied().chain(self.knots.last().map(|(at, _)| (*at, *at)));
        for (to, next) in ends {
            let mut mark = from.div_euclid(step) * step;
            while mark <= to {
                if mark >= from {
                    marks.push(mark);
                }
                mark += step;
            }
            from = next;
        }
        (step, marks)
    }
}

/// Waits within the time that is shown, those that meet as one.
fn apart(begin: i64, end: i64, waits: &[(i64, i64)]) -> Vec<(i64, i64)> {
    let mut out: Vec<(i64, i64)> = Vec::new();
    for (from, to) in waits {
        let (from, to) = ((*from).clamp(begin, end), (*to).clamp(begin, end));
        match out.last_mut() {
            _ if from >= to => {}
            Some((_, last)) if *last >= from => *last = (*last).max(to),
            Some(_) | None => out.push((from, to)),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn without_a_long_wait_it_is_linear() {
        for waits in [&[][..], &[(100, 120)], &[(0, 1000)]] {
            let scale = Scale::new(0, 1000, waits);
            assert!(scale.cuts.is_empty());
            assert!((scale.place(250) - 0.25).abs() < 1e-9, "{waits:?}");
        }
    }

    #[test]
    fn a_long_wait_is_cut_short() {
        let scale = Scale::new(0, 10 * HOUR, &[(HOUR, 9 * HOUR)]);
        assert_eq!(scale.cuts, [(HOUR, 9 * HOUR)]);
        assert!(scale.place(HOUR) > 0.4 && scale.place(9 * HOUR) < 0.6);
        let (step, marks) = scale.marks();
        assert_eq!(step, 20 * MINUTE);
        assert!(marks.iter().all(|mark| *mark <= HOUR || *mark >= 9 * HOUR), "{marks:?}");
    }

    proptest! {
        #[test]
        fn later_is_never_to_the_left(
            begin in 0_i64..1 << 50, length in 0_i64..1 << 50,
            mut waits in prop::collection::vec((0_i64..1 << 50, 0_i64..1 << 50), 0..8),
            mut times in prop::collection::vec(0_i64..1 << 51, 2..20),
        ) {
            waits.sort_unstable();
            times.sort_unstable();
            let scale = Scale::new(begin, begin + length, &waits);
            let places: Vec<f64> = times.iter().map(|at| scale.place(*at)).collect();
            prop_assert!(places.iter().all(|place| (0.0..=1.0).contains(place)), "{:?}", places);
            prop_assert!(places.windows(2).all(|two| two[0] <= two[1] + 1e-9), "{:?}", places);
            prop_assert!(scale.marks().1.len() < 40, "{:?}", scale.marks());
        }
    }
}
