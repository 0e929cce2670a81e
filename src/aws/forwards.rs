//! The forwards of listeners and rules: read whole, write back whole, with only our two weights changed.

use std::time::Duration;

use aws_sdk_elasticloadbalancingv2::operation::modify_listener::builders::ModifyListenerFluentBuilder;
use aws_sdk_elasticloadbalancingv2::operation::modify_rule::builders::ModifyRuleFluentBuilder;
use aws_sdk_elasticloadbalancingv2::types::{Action, ActionTypeEnum, ForwardActionConfig, TargetGroupTuple};

use super::actions::SentActions;
use super::reply::Reply;
use super::{ARNS_PER_CALL, Aws};
use crate::error::{Error, Kind, Result};
use crate::model::load_balancer::{is_rule, listener_of_rule};
use crate::model::{Forward, Role, Weight};
use crate::rules::api::{ELB, unknown_member};

/// A forward as it was read, with everything that must be written back as it was.
#[derive(Debug, Clone)]
pub(crate) struct ReadForward {
    pub(crate) forward: Forward,
    /// Members of the actions that AWS has told and the SDK does not know.
    unknown: Vec<String>,
    owner: Owner,
    actions: Vec<Action>,
}

/// What carries the actions.
#[derive(Debug, Clone)]
enum Owner {
    /// A listener, for its default rule.
    Listener(String),
    /// Any other rule.
    Rule(String),
}

/// The actions of a listener or rule.
struct Actions {
    owner: Owner,
    list: Vec<Action>,
    unknown: Vec<String>,
}

impl ReadForward {
    /// The refusal to write it back, where something would be lost.
    pub(crate) fn refusal(&self) -> Option<Error> {
        let instead = "or take it out there: it was written by something that knows it";
        (!self.unknown.is_empty()).then(|| unknown_member(&ELB, &self.forward.arn, &self.unknown, instead))
    }
}

impl Aws {
    /// Reads the forwards of listeners and rules, in the order they are named: one call for up to twenty listeners, one
    /// for up to twenty rules.
    pub(crate) async fn forwards(&self, named: &[(Role, String)]) -> Result<Vec<ReadForward>> {
        let (rules, listeners): (Vec<_>, Vec<_>) =
            named.iter().map(|(_, arn)| arn.clone()).partition(|arn| is_rule(arn));
        let (listeners, rules) = tokio::try_join!(self.listener_actions(&listeners), self.rule_actions(&rules))?;
        let mut found: Vec<_> = listeners.into_iter().chain(rules).collect();
        named
            .iter()
            .map(|(role, arn)| {
                let at = found.iter().position(|(owner, _)| owner == arn).ok_or_else(|| {
                    Error::not_found("listener-not-found", format!("the listener or rule {arn} does not exist"))
                })?;
                let (_, Actions { owner, list, unknown }) = found.swap_remove(at);
                Ok(ReadForward { unknown, ..read_forward(arn, *role, owner, list)? })
            })
            .collect()
    }

    async fn listener_actions(&self, arns: &[String]) -> Result<Vec<(String, Actions)>> {
        let page = async |some, marker, as_sent| {
            let call = self.elb().describe_listeners().set_listener_arns(Some(some)).set_marker(marker);
            let page = self.read("DescribeListeners", call.customize().interceptor(as_sent).send()).await?;
            let found = page.listeners.unwrap_or_default().into_iter().filter_map(|listener| {
                let arn = listener.listener_arn?;
                Some((arn.clone(), Owner::Listener(arn), listener.default_actions.unwrap_or_default()))
            });
            Ok((found.collect(), page.next_marker))
        };
        all_pages(arns, page).await
    }

    async fn rule_actions(&self, arns: &[String]) -> Result<Vec<(String, Actions)>> {
        let page = async |some, marker, as_sent| {
            let call = self.elb().describe_rules().set_rule_arns(Some(some)).set_marker(marker);
            let page = self.read("DescribeRules", call.customize().interceptor(as_sent).send()).await?;
            let found = page.rules.unwrap_or_default().into_iter().filter_map(|rule| {
                let arn = rule.rule_arn?;
                // ModifyRule on a default rule is refused (OperationNotPermitted): it is its listener's.
                let owner = if rule.is_default == Some(true) {
                    Owner::Listener(listener_of_rule(&arn))
                } else {
                    Owner::Rule(arn.clone())
                };
                Some((arn, owner, rule.actions.unwrap_or_default()))
            });
            Ok((found.collect(), page.next_marker))
        };
        all_pages(arns, page).await
    }

    /// Writes new weights. Every other action, group, stickiness and order goes back as it was read.
    pub(crate) async fn set_weights(&self, forward: &ReadForward, weights: &[Weight]) -> Result<()> {
        match self.modification(forward, weights) {
            Modification::Listener(call) => self.mutate("ModifyListener", call.send()).await.map(drop),
            Modification::Rule(call) => self.mutate("ModifyRule", call.send()).await.map(drop),
        }
    }

    /// Puts a forward back as it was read, also after a signal.
    pub(crate) async fn put_back_weights(&self, forward: &ReadForward) -> Result<()> {
        match self.modification(forward, &forward.forward.weights) {
            Modification::Listener(call) => self.put_back("ModifyListener", call.send()).await.map(drop),
            Modification::Rule(call) => self.put_back("ModifyRule", call.send()).await.map(drop),
        }
    }

    fn modification(&self, forward: &ReadForward, weights: &[Weight]) -> Modification {
        let actions = forward.actions.iter().cloned().map(|action| sendable(action, weights)).collect();
        match &forward.owner {
            Owner::Listener(arn) => Modification::Listener(
                self.elb().modify_listener().listener_arn(arn).set_default_actions(Some(actions)),
            ),
            Owner::Rule(arn) => Modification::Rule(self.elb().modify_rule().rule_arn(arn).set_actions(Some(actions))),
        }
    }
}

/// What one page tells, by ARN, and the marker of the next one.
type Page = (Vec<(String, Owner, Vec<Action>)>, Option<String>);

/// All pages about some listeners or rules, each held against its reply as it was sent: the SDK's paginator keeps none.
async fn all_pages(
    arns: &[String],
    page: impl AsyncFn(Vec<String>, Option<String>, Reply) -> Result<Page>,
) -> Result<Vec<(String, Actions)>> {
    let mut all = Vec::new();
    for some in arns.chunks(ARNS_PER_CALL) {
        let mut marker = None;
        loop {
            let as_sent = Reply::default();
            let (found, next) =
                page(some.to_vec(), marker, as_sent.clone()).await.map_err(|error| naming(error, some))?;
            let sent = SentActions::read(&as_sent.text())?;
            for (arn, owner, list) in found {
                let unknown = sent.unknown_to(&arn, &list)?;
                all.push((arn, Actions { owner, list, unknown }));
            }
            marker = next.filter(|marker| !marker.is_empty());
            if marker.is_none() {
                break;
            }
        }
    }
    Ok(all)
}

/// AWS does not say which of them it does not know.
fn naming(error: Error, arns: &[String]) -> Error {
    if error.kind == Kind::NotFound {
        let message = format!("{} (asked for: {})", error.message, arns.join(", "));
        return Error { message, ..error };
    }
    error
}

/// The call that writes actions, ready to be sent.
enum Modification {
    Listener(ModifyListenerFluentBuilder),
    Rule(ModifyRuleFluentBuilder),
}

/// An action as it can be sent back: a forward with its new weights, any other one as it was.
fn sendable(mut action: Action, weights: &[Weight]) -> Action {
    if action.r#type == Some(ActionTypeEnum::Forward) {
        let stickiness = action.forward_config.take().and_then(|config| config.target_group_stickiness_config);
        let groups = weights.iter().map(|weight| {
            TargetGroupTuple::builder().target_group_arn(&weight.target_group).weight(weight.weight).build()
        });
        action.forward_config = Some(
            ForwardActionConfig::builder()
                .set_target_groups(Some(groups.collect()))
                .set_target_group_stickiness_config(stickiness)
                .build(),
        );
        // With several groups the action's own ARN must not be sent beside them.
        action.target_group_arn = None;
    }
    if let Some(oidc) = action.authenticate_oidc_config.as_mut() {
        // AWS never returns the secret; without this it would be lost.
        oidc.client_secret = None;
        oidc.use_existing_client_secret = Some(true);
    }
    action
}

fn read_forward(arn: &str, role: Role, owner: Owner, actions: Vec<Action>) -> Result<ReadForward> {
    let Some(action) = actions.iter().find(|action| action.r#type == Some(ActionTypeEnum::Forward)) else {
        return Err(Error::refused("no-forward", format!("{arn} has no forward action, so it carries no weights")).hint(
            "name a listener or rule that forwards to the two target groups; one that answers or redirects by itself cannot be used",
        ));
    };
    let weights = weights_of(action);
    let stickiness = action
        .forward_config
        .as_ref()
        .and_then(|config| config.target_group_stickiness_config.as_ref())
        .filter(|stickiness| stickiness.enabled == Some(true))
        .and_then(|stickiness| stickiness.duration_seconds)
        .and_then(|seconds| u64::try_from(seconds).ok())
        .map(Duration::from_secs);
    Ok(ReadForward {
        forward: Forward { arn: arn.to_owned(), role, weights, stickiness },
        unknown: Vec::new(),
        owner,
        actions,
    })
}

/// The weights of a forward, which may be given as a bare target group, or as a configuration of several.
pub(super) fn weights_of(action: &Action) -> Vec<Weight> {
    let groups = action.forward_config.as_ref().map(ForwardActionConfig::target_groups).unwrap_or_default();
    if groups.is_empty() {
        return action.target_group_arn.iter().map(|arn| Weight { target_group: arn.clone(), weight: 1 }).collect();
    }
    groups
        .iter()
        .filter_map(|group| {
            Some(Weight { target_group: group.target_group_arn.clone()?, weight: group.weight.unwrap_or(1) })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use aws_sdk_elasticloadbalancingv2::types::{AuthenticateOidcActionConfig, TargetGroupStickinessConfig};

    use super::*;

    #[test]
    fn only_the_weights_of_a_forward_change() {
        let stickiness = TargetGroupStickinessConfig::builder().enabled(true).duration_seconds(60).build();
        let action = Action::builder()
            .r#type(ActionTypeEnum::Forward)
            .order(2)
            .target_group_arn("a")
            .forward_config(
                ForwardActionConfig::builder()
                    .target_groups(TargetGroupTuple::builder().target_group_arn("a").weight(7).build())
                    .target_group_stickiness_config(stickiness.clone())
                    .build(),
            )
            .build();
        let sent = sendable(action, &[Weight { target_group: "b".into(), weight: 3 }]);
        assert_eq!((sent.order, sent.target_group_arn.as_deref()), (Some(2), None));
        assert_eq!(weights_of(&sent), [Weight { target_group: "b".into(), weight: 3 }]);
        assert_eq!(sent.forward_config.and_then(|config| config.target_group_stickiness_config), Some(stickiness));
    }

    #[test]
    fn an_oidc_secret_that_aws_never_returns_is_kept() {
        let oidc = AuthenticateOidcActionConfig::builder()
            .issuer("i")
            .authorization_endpoint("a")
            .token_endpoint("t")
            .user_info_endpoint("u")
            .client_id("c")
            .client_secret("s")
            .build();
        let action = Action::builder().r#type(ActionTypeEnum::AuthenticateOidc).authenticate_oidc_config(oidc).build();
        let sent = sendable(action, &[]).authenticate_oidc_config.unwrap();
        assert_eq!((sent.client_secret, sent.use_existing_client_secret), (None, Some(true)));
    }
}

#[cfg(test)]
#[path = "forwards_properties.rs"]
mod properties;
