//! Odds that one version fails more often than the other, which may be looked at after each minute.
//!
//! A test that is repeated each minute has to be valid each minute. This is an *e-process*: what somebody has who began with
//! 1 and bets on the new version being worse. Each bet is a likelihood ratio; where the new version is not worse, its factor
//! of a minute has a mean of at most 1, given the requests. So by Ville's inequality he *ever* has 100 with a probability of
//! at most 1 %, however often somebody looks.

use super::Count;

/// How many times as often a bad version may fail, and how much is bet on that: a version that is bad mostly is so plainly,
/// and who looks for less is sooner misled by bursts. Together they are 1.
const RATIOS: [(f64, f64); 5] = [(2.0, 0.05), (3.0, 0.1), (5.0, 0.35), (10.0, 0.4), (30.0, 0.1)];

/// What is bet from the first minute on. A good hour loses it all, and a version may go bad after that:
const AT_ONCE: f64 = 0.95;

/// so of what is left this part is bet anew in each minute.
const ANEW: f64 = 0.02;

/// No minute multiplies a bet by more: one burst of errors does not decide, two minutes may. It only lowers a factor's mean.
const MOST_PER_MINUTE: f64 = 10.5;

/// These odds are enough. They are reached by chance in one of a hundred canaries at most.
pub(super) const ENOUGH: f64 = 100.0;

/// More are no more for anybody.
pub(super) const MOST_SHOWN: f64 = 1e9;

/// What was won so far.
#[derive(Debug, Clone, Copy)]
pub(super) struct Odds {
    /// What is not bet yet.
    left: f64,
    /// What was bet and won, for each ratio.
    bets: [f64; RATIOS.len()],
}

impl Default for Odds {
    fn default() -> Self {
        Self { left: 1.0 - AT_ONCE, bets: RATIOS.map(|(_, part)| AT_ONCE * part) }
    }
}

impl Odds {
    /// After one more minute, in which both versions had requests.
    pub(super) fn and(mut self, new: Count, old: Count) -> Self {
        let anew = self.left * ANEW;
        self.left -= anew;
        let share = new.requests / (new.requests + old.requests);
        for (bet, (ratio, part)) in self.bets.iter_mut().zip(RATIOS) {
            let ratio_of_all = 1.0 - share + share * ratio;
            let factor = new.errors * ratio.ln() - (new.errors + old.errors) * ratio_of_all.ln();
            // Who has that much does not need more, and days of errors end in no infinity.
            *bet = ((*bet + anew * part) * factor.exp().min(MOST_PER_MINUTE)).min(MOST_SHOWN);
        }
        self
    }

    /// So many to one.
    pub(super) fn value(self) -> f64 {
        (self.left + self.bets.iter().sum::<f64>()).min(MOST_SHOWN)
    }
}

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
    fn no_more_is_bet_than_there_is() {
        assert!((RATIOS.iter().map(|(_, part)| part).sum::<f64>() - 1.0).abs() < 1e-9);
        let none = (0..500).fold(Odds::default(), |odds, _| odds.and(count(50.0, 0.0), count(950.0, 0.0)));
        assert!((none.value() - 1.0).abs() < 1e-9, "{none:?}");
    }

    #[test]
    fn one_minute_alone_does_not_decide_and_two_may() {
        let bad = |odds: Odds| odds.and(count(1e3, 1e3), count(1e6, 0.0));
        let (once, twice) = (bad(Odds::default()), bad(bad(Odds::default())));
        assert!(once.value() <= MOST_PER_MINUTE && twice.value() >= ENOUGH, "{once:?}, {twice:?}");
    }

    #[test]
    fn a_week_of_errors_stays_a_number() {
        let worse = (0..10_080).fold(Odds::default(), |odds, _| odds.and(count(1e3, 1e3), count(1e3, 0.0)));
        assert!((worse.value() / MOST_SHOWN - 1.0).abs() < 1e-9, "{worse:?}");
        let better = (0..10_080).fold(Odds::default(), |odds, _| odds.and(count(1e3, 0.0), count(1e3, 1e3)));
        assert!((0.0..1e-9).contains(&better.value()), "{better:?}");
    }
}
