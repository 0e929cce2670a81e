//! Odds that one version fails more often than the other, which may be looked at after each minute.
//!
//! A test that is repeated each minute has to be valid each minute. This is a mixture of likelihood ratios, an *e-process*:
//! where the new version is not worse, each minute's factor has a mean of at most 1, given the requests, and so by Ville's
//! inequality the odds *ever* reach 100 with a probability of at most 1 %, however often somebody looks.

use super::Count;

/// How many times as often the new version may fail, for all that is known before.
const RATIOS: [f64; 5] = [2.0, 3.0, 5.0, 10.0, 30.0];

/// Each of them is as likely as another.
const WEIGHT: f64 = 0.2;

/// No single minute multiplies the odds by more: one burst of errors does not decide. It only lowers a factor's mean.
const MOST_PER_MINUTE: f64 = 10.0;

/// The odds, as a logarithm for each ratio.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Odds([f64; RATIOS.len()]);

impl Odds {
    /// After one more minute, in which both versions had requests.
    pub(super) fn and(mut self, new: Count, old: Count) -> Self {
        let share = new.requests / (new.requests + old.requests);
        for (log, ratio) in self.0.iter_mut().zip(RATIOS) {
            let ratio_of_all = 1.0 - share + share * ratio;
            let factor = new.errors * ratio.ln() - (new.errors + old.errors) * ratio_of_all.ln();
            *log += factor.min(MOST_PER_MINUTE.ln());
        }
        self
    }

    /// So many to one. Of the logarithms the greatest is taken out, so that hours of errors do not end in infinity.
    pub(super) fn value(self) -> f64 {
        let greatest = self.0.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let rest: f64 = self.0.iter().map(|log| WEIGHT * (log - greatest).exp()).sum();
        (greatest + rest.ln()).min(MOST_SHOWN.ln()).exp()
    }
}

/// More are no more for anybody.
pub(super) const MOST_SHOWN: f64 = 1e9;

#[cfg(test)]
mod tests {
    use super::*;

    fn count(requests: f64, errors: f64) -> Count {
        Count { requests, errors }
    }

    /// Of `total` errors, each is the new version's with the probability of its share of the requests.
    #[test]
    fn where_the_new_version_is_not_worse_a_minutes_factor_has_a_mean_of_at_most_one() {
        for share in [0.001_f64, 0.05, 0.1, 0.5, 0.9, 0.99] {
            for total in 0..40_u32 {
                let mut mean = 0.0;
                let mut probability = (1.0 - share).powi(i32::try_from(total).unwrap());
                for new in 0..=total {
                    let (a, b) = (f64::from(new), f64::from(total - new));
                    mean +=
                        probability * Odds::default().and(count(1e6 * share, a), count(1e6 * (1.0 - share), b)).value();
                    probability *= share / (1.0 - share) * b / (a + 1.0);
                }
                assert!(mean <= 1.0 + 1e-9, "share {share}, {total} errors: {mean}");
            }
        }
    }

    #[test]
    fn one_minute_multiplies_the_odds_by_ten_at_most() {
        let burst = Odds::default().and(count(1e3, 1e3), count(1e6, 0.0));
        assert!((burst.value() - 10.0).abs() < 1e-9, "{burst:?}");
    }

    #[test]
    fn a_minute_without_errors_says_nothing() {
        let odds = Odds::default().and(count(50.0, 0.0), count(950.0, 0.0));
        assert!((odds.value() - 1.0).abs() < 1e-9, "{odds:?}");
    }

    #[test]
    fn a_week_of_errors_stays_a_number() {
        let worse = (0..10_080).fold(Odds::default(), |odds, _| odds.and(count(1e3, 1e3), count(1e3, 0.0)));
        assert!((worse.value() / MOST_SHOWN - 1.0).abs() < 1e-9, "{worse:?}");
        let better = (0..10_080).fold(Odds::default(), |odds, _| odds.and(count(1e3, 0.0), count(1e3, 1e3)));
        assert!((0.0..1e-9).contains(&better.value()), "{better:?}");
    }
}
