//! A load balancer and what hangs on it, as far as checks need it.

use super::Weight;

/// A target group, as far as checks need it.
#[derive(Debug, Clone)]
pub(crate) struct TargetGroup {
    pub(crate) arn: String,
    pub(crate) name: String,
    pub(crate) vpc: Option<String>,
    pub(crate) protocol: Option<String>,
    /// HTTP1, HTTP2 or GRPC.
    pub(crate) protocol_version: Option<String>,
    /// `ip`, `instance`, `lambda` or `alb`.
    pub(crate) target_type: Option<String>,
    pub(crate) load_balancers: Vec<String>,
}

/// A load balancer, as far as checks need it.
#[derive(Debug, Clone)]
pub(crate) struct LoadBalancer {
    pub(crate) arn: String,
    pub(crate) dns_name: String,
    /// `application`, `network` or `gateway`.
    pub(crate) kind: String,
    pub(crate) vpc: Option<String>,
}

/// A listener, as far as checks need it.
#[derive(Debug, Clone)]
pub(crate) struct Listener {
    pub(crate) arn: String,
    pub(crate) load_balancer: String,
    pub(crate) port: Option<i32>,
    pub(crate) protocol: Option<String>,
}

/// A rule with the weights of its forward; empty where it forwards nothing.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    pub(crate) arn: String,
    pub(crate) listener: String,
    pub(crate) is_default: bool,
    pub(crate) weights: Vec<Weight>,
    /// The first host name of its conditions without a wildcard.
    pub(crate) host: Option<String>,
    /// The first path of its conditions without a wildcard.
    pub(crate) path: Option<String>,
}

/// Whether an ARN is a rule's; else it is a listener's.
pub(crate) fn is_rule(arn: &str) -> bool {
    arn.contains(":listener-rule/")
}

/// The listener that a rule belongs to: its ARN is the rule's without the last part.
pub(crate) fn listener_of_rule(rule: &str) -> String {
    let listener = rule.replacen(":listener-rule/", ":listener/", 1);
    listener.rsplit_once('/').map_or(listener.clone(), |(listener, _)| listener.to_owned())
}

#[cfg(test)]
mod tests {
    use super::listener_of_rule;

    #[test]
    fn a_rules_listener_is_found_in_its_arn() {
        assert_eq!(
            listener_of_rule("arn:aws:elasticloadbalancing:eu-west-1:1:listener-rule/app/lb/aa/bb/cc"),
            "arn:aws:elasticloadbalancing:eu-west-1:1:listener/app/lb/aa/bb"
        );
    }
}
