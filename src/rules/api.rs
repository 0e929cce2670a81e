//! Of which date AWS's APIs are that this build knows, and the refusal that follows where AWS tells more.

use crate::error::Error;
use crate::report::words::bounded;

/// So many members are named.
const NAMED: usize = 5;

/// An API as the SDK has it.
#[derive(Debug)]
pub(crate) struct Api {
    name: &'static str,
    /// When this version of the SDK's crate was published.
    date: &'static str,
    #[cfg(test)]
    version: &'static str,
}

pub(crate) const ECS: Api = Api {
    name: "ECS",
    date: "2026-11-04",
    #[cfg(test)]
    version: "1.157.0",
};

pub(crate) const ELB: Api = Api {
    name: "Elastic Load Balancing",
    date: "2026-10-30",
    #[cfg(test)]
    version: "1.134.0",
};

impl std::fmt::Display for Api {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the API of {} of {}", self.name, self.date)
    }
}

/// The refusal to write something back that AWS has told whole, where a part of it would be lost on the way. `instead`
/// is another way out than a newer release.
pub(crate) fn unknown_member(api: &Api, what: &str, members: &[String], instead: &str) -> Error {
    let mut named: Vec<String> = members.iter().take(NAMED).map(|member| bounded(member, 200)).collect();
    if members.len() > NAMED {
        named.push(format!("and {} more", members.len() - NAMED));
    }
    Error::refused(
        "unknown-member",
        format!("{what} has {}, and would lose it: this build knows {api}, which has no such member", named.join(", ")),
    )
    .hint(format!("a newer release of ecs-bg may know it; {instead}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dates_are_those_of_the_versions_in_use() {
        // Another version in Cargo.lock has another date: `pubtime` of the registry's index, or the page of the crate.
        for (api, used) in
            [(ECS, aws_sdk_ecs::meta::PKG_VERSION), (ELB, aws_sdk_elasticloadbalancingv2::meta::PKG_VERSION)]
        {
            assert_eq!(api.version, used, "{}: set its date, too", api.name);
        }
    }

    #[test]
    fn what_would_be_lost_is_named_within_bounds() {
        let members: Vec<String> = (0..7).map(|n| format!("thing{n}{}", "x".repeat(n * 100))).collect();
        let error = unknown_member(&ECS, "web:1", &members, "or wait");
        assert_eq!(error.code, "unknown-member");
        assert!(error.message.contains("thing0") && error.message.contains("and 2 more"), "{}", error.message);
        assert!(error.message.len() < 1500, "{}", error.message);
    }
}
