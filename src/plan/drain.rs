//! How long a version without live weight still gets requests, and when nobody should wait for their end.

use std::time::Duration;

use crate::error::Error;

/// The least that is waited after weight 0: the load balancer takes new weights within seconds, not at once.
const LEAST: Duration = Duration::from_secs(30);

/// Group stickiness is waited for up to this; longer cookies are a refusal, since a build would hang for days.
const LONGEST_STICKINESS: Duration = Duration::from_mins(15);

/// What was asked for, else the largest of 30 s, the deregistration delay, and the time for which clients hold on to a
/// group by cookie. With it the refusal, where clients would hold on for longer than that.
pub(crate) fn drain(asked: Option<Duration>, delay: Duration, sticky: Duration) -> (Duration, Option<Error>) {
    if let Some(asked) = asked {
        let short = asked < sticky;
        return (asked, short.then(|| sticky_sessions(sticky, &format!("`drain` is {} s", asked.as_secs()))));
    }
    let long = sticky > LONGEST_STICKINESS;
    let but = || format!("at most {} s are waited for", LONGEST_STICKINESS.as_secs());
    (LEAST.max(delay).max(sticky.min(LONGEST_STICKINESS)), long.then(|| sticky_sessions(sticky, &but())))
}

fn sticky_sessions(sticky: Duration, but: &str) -> Error {
    Error::refused(
        "sticky-sessions",
        format!("group stickiness keeps clients on the old group for {} s after their last request; {but}", sticky.as_secs()),
    )
    .hint("delete later, give a longer `drain`, or lower the stickiness of the live listener; clients of a deleted set get 503")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_of_what_holds_clients_is_waited_for_within_bounds() {
        let s = Duration::from_secs;
        for (asked, delay, sticky, expected, refused) in [
            (None, 5, 0, 30, false),
            (None, 300, 0, 300, false),
            (None, 5, 120, 120, false),
            (None, 5, 900, 900, false),
            (None, 5, 901, 900, true),
            (None, 3600, 86_400, 3600, true),
            (Some(1), 300, 0, 1, false),
            (Some(60), 5, 60, 60, false),
            (Some(59), 5, 60, 59, true),
        ] {
            let (drain, refusal) = drain(asked.map(s), s(delay), s(sticky));
            let case = (asked, delay, sticky);
            assert_eq!(
                (drain, refusal.map(|error| error.code.into_owned())),
                (s(expected), refused.then(|| "sticky-sessions".into())),
                "{case:?}"
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn who_still_holds_on_by_cookie_is_waited_for_or_refused(
            asked in proptest::option::of(0..90_000u64), delay in 0..=3_600u64, sticky in 0..=604_800u64,
        ) {
            let s = Duration::from_secs;
            let (waited, refusal) = drain(asked.map(s), s(delay), s(sticky));
            if refusal.is_none() {
                proptest::prop_assert!(waited >= s(sticky));
            }
            match asked {
                Some(asked) => proptest::prop_assert_eq!(waited, s(asked)),
                None => proptest::prop_assert!((LEAST.max(s(delay))..=s(3_600)).contains(&waited)),
            }
        }
    }
}
