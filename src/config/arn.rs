//! ARNs: `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`.

use super::table::Kind;

/// An ARN's parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Arn {
    /// `aws`, `aws-cn`, `aws-us-gov` …
    pub(crate) partition: String,
    pub(crate) service: String,
    /// Empty for IAM, which has no regions.
    pub(crate) region: String,
    pub(crate) account: String,
    /// Everything after the fifth colon.
    pub(crate) resource: String,
}

impl Arn {
    /// Takes an ARN apart; `Err` says what is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let mut parts = text.splitn(6, ':');
        let mut next = || parts.next().unwrap_or_default();
        let (arn, partition, service, region, account, resource) = (next(), next(), next(), next(), next(), next());
        if arn != "arn" {
            return Err("does not begin with `arn:`");
        }
        if resource.is_empty() {
            return Err("has fewer than the six parts of an ARN");
        }
        if !text.chars().all(|c| c.is_ascii_graphic()) {
            return Err("has a space or a character that no ARN has");
        }
        if !(partition == "aws" || partition.starts_with("aws-")) {
            return Err("has a partition that does not exist (aws, aws-cn, aws-us-gov …)");
        }
        if service.is_empty() {
            return Err("names no service");
        }
        if !region.is_empty() && !is_region(region) {
            return Err("has no region in the fourth place");
        }
        if !is_account(account) {
            return Err("has no account of 12 digits in the fifth place");
        }
        Ok(Self {
            partition: partition.to_owned(),
            service: service.to_owned(),
            region: region.to_owned(),
            account: account.to_owned(),
            resource: resource.to_owned(),
        })
    }

    /// What follows the resource's type: of `service/prod/web`, `prod/web`.
    pub(crate) fn after(&self, kind: &str) -> Option<&str> {
        self.resource.strip_prefix(kind)?.strip_prefix('/').filter(|rest| !rest.is_empty())
    }

    /// What it is the ARN of, for a message.
    fn describe(&self) -> String {
        let kind = self.resource.split(['/', ':']).next().unwrap_or_default();
        let noun = match (self.service.as_str(), kind) {
            ("elasticloadbalancing", "targetgroup") => "a target group",
            ("elasticloadbalancing", "loadbalancer") => "a load balancer",
            ("elasticloadbalancing", "listener") => "a listener",
            ("elasticloadbalancing", "listener-rule") => "a rule",
            ("ecs", "cluster") => "a cluster",
            ("ecs", "service") => "a service",
            ("ecs", "task-set") => "a task set",
            ("ecs", "task-definition") => "a task definition",
            ("ecs", "task") => "a task",
            ("iam", "role") => "a role",
            ("iam", "instance-profile") => "an instance profile",
            (service, _) => return format!("something of the service {}", super::bounded(service, 30)),
        };
        noun.to_owned()
    }

    /// Checks that it is what a parameter of this kind needs; `Err` says what it is, and what is needed.
    #[allow(clippy::wildcard_enum_match_arm, reason = "asked of the kinds with ARNs alone; those left are roles")]
    pub(super) fn check(&self, kind: Kind) -> Result<(), String> {
        let (service, resources, needed): (_, &[&str], _) = match kind {
            Kind::TargetGroup => ("elasticloadbalancing", &["targetgroup"], "a target group"),
            Kind::Listeners => ("elasticloadbalancing", &["listener", "listener-rule"], "a listener or a rule"),
            Kind::TaskSet => ("ecs", &["task-set"], "a task set"),
            Kind::TaskDefinition => ("ecs", &["task-definition"], "a task definition"),
            Kind::Cluster => ("ecs", &["cluster"], "a cluster"),
            Kind::Service => ("ecs", &["service"], "a service"),
            _ => ("iam", &["role"], "a role"),
        };
        if self.service != service || !resources.iter().any(|resource| self.after(resource).is_some()) {
            return Err(format!("is the ARN of {}; {needed} is needed", self.describe()));
        }
        if service != "iam" && self.region.is_empty() {
            return Err("names no region".to_owned());
        }
        Ok(())
    }
}

/// Whether this can be a region's name. It becomes part of a host name, so nothing else may be in it.
pub(super) fn is_region(text: &str) -> bool {
    let parts: Vec<_> = text.split('-').collect();
    text.len() <= 32
        && parts.len() >= 3
        && parts
            .iter()
            .all(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()))
        && parts.first().is_some_and(|part| part.chars().all(|c| c.is_ascii_lowercase()))
        && parts.last().is_some_and(|part| part.chars().all(|c| c.is_ascii_digit()))
}

/// Whether this is an account's id.
pub(super) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.chars().all(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GROUP: &str = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web-blue/0123456789abcdef";

    #[test]
    fn an_arn_comes_apart() {
        let arn = Arn::parse("arn:aws-cn:ecs:cn-north-1:012345678901:service/prod/web").unwrap();
        assert_eq!(arn.partition, "aws-cn");
        assert_eq!(arn.region, "cn-north-1");
        assert_eq!(arn.account, "012345678901");
        assert_eq!(arn.after("service"), Some("prod/web"));
        assert_eq!(arn.after("task-set"), None);
        assert!(Arn::parse("arn:aws-us-gov:ecs:us-gov-west-1:012345678901:cluster/a:b").is_ok());
        assert!(Arn::parse("arn:aws:iam::012345678901:role/path/name").is_ok());
    }

    #[test]
    fn a_malformed_one_says_what_is_wrong() {
        for (text, problem) in [
            ("web", "does not begin"),
            ("", "does not begin"),
            ("arn:aws:ecs:eu-west-1:111122223333", "fewer than"),
            ("arn:aws:ecs:eu-west-1:111122223333:", "fewer than"),
            ("arn:gcp:ecs:eu-west-1:111122223333:cluster/a", "partition"),
            ("arn:aws:ecs:Ireland:111122223333:cluster/a", "region"),
            ("arn:aws:ecs:eu-west-1:11112222:cluster/a", "account"),
            ("arn:aws:ecs:eu-west-1:111122223333:cluster/a b", "space"),
            ("arn:aws:ecs:eu-west-1:111122223333:cluster/\u{7}", "character"),
            ("arn:aws::eu-west-1:111122223333:cluster/a", "no service"),
        ] {
            assert!(Arn::parse(text).unwrap_err().contains(problem), "{text}");
        }
    }

    #[test]
    fn kinds_are_told_apart() {
        let group = Arn::parse(GROUP).unwrap();
        assert_eq!(group.check(Kind::TargetGroup), Ok(()));
        assert_eq!(
            group.check(Kind::Listeners).unwrap_err(),
            "is the ARN of a target group; a listener or a rule is needed"
        );
        let rule = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener-rule/app/web/1/2/3";
        assert_eq!(Arn::parse(rule).unwrap().check(Kind::Listeners), Ok(()));
        let bucket = Arn::parse("arn:aws:s3:eu-west-1:111122223333:bucket").unwrap();
        assert!(bucket.check(Kind::Role).unwrap_err().contains("service s3"));
        let nowhere = Arn::parse("arn:aws:ecs::111122223333:cluster/a").unwrap();
        assert!(nowhere.check(Kind::Cluster).unwrap_err().contains("no region"));
    }

    #[test]
    fn regions_are_safe_in_a_host_name() {
        for region in
            ["eu-west-1", "us-gov-west-1", "ap-southeast-5", "us-iso-east-1", "cn-northwest-1", "eusc-de-east-1"]
        {
            assert!(is_region(region), "{region}");
        }
        for text in ["", "eu", "eu-west", "eu_west_1", "EU-WEST-1", "eu-west-1/", "evil.com", "eu--1", "-eu-1", "1-2-3"]
        {
            assert!(!is_region(text), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_an_arn_or_an_error(text in "(arn)?(:?\\PC{0,12}){0,8}") {
            if let Ok(arn) = Arn::parse(&text) {
                drop(arn.check(Kind::Role));
            }
        }
    }
}
