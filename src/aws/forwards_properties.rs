//! What is written back of any listener or rule: what was read, with only our two weights changed: promise 2.

use std::collections::HashMap;

use aws_sdk_elasticloadbalancingv2::types::{
    AuthenticateCognitoActionConfig, AuthenticateOidcActionConditionalBehaviorEnum, AuthenticateOidcActionConfig,
    FixedResponseActionConfig, JwtValidationActionAdditionalClaim, JwtValidationActionConfig, RedirectActionConfig,
    RedirectActionStatusCodeEnum, TargetGroupStickinessConfig,
};
use proptest::prelude::*;

use super::*;
use crate::model::Colour;
use crate::plan::traffic::{Goal, attach, plan};
use crate::plan::world::{any_forward, groups};

fn texts() -> impl Strategy<Value = HashMap<String, String>> {
    prop::collection::hash_map("[a-z]{1,4}", "\\PC{0,6}", 0..3)
}

prop_compose! {
    fn oidc()(
        text in "\\PC{0,8}", scope in prop::option::of("[a-z ]{0,9}"), timeout in prop::option::of(any::<i64>()),
        params in prop::option::of(texts()), secret in prop::option::of("[a-z]{1,5}"),
        existing in prop::option::of(any::<bool>()),
    ) -> Action {
        let config = AuthenticateOidcActionConfig::builder()
            .issuer(&text)
            .authorization_endpoint("https://id.example.com/auth")
            .token_endpoint("https://id.example.com/token")
            .user_info_endpoint("https://id.example.com/user")
            .client_id("client")
            .set_client_secret(secret)
            .session_cookie_name(text)
            .set_scope(scope)
            .set_session_timeout(timeout)
            .set_authentication_request_extra_params(params)
            .on_unauthenticated_request(AuthenticateOidcActionConditionalBehaviorEnum::Deny)
            .set_use_existing_client_secret(existing);
        Action::builder().r#type(ActionTypeEnum::AuthenticateOidc).authenticate_oidc_config(config.build()).build()
    }
}

prop_compose! {
    fn cognito()(text in "\\PC{0,8}", timeout in prop::option::of(any::<i64>()), params in texts()) -> Action {
        let config = AuthenticateCognitoActionConfig::builder()
            .user_pool_arn(&text)
            .user_pool_client_id("client")
            .user_pool_domain(text)
            .set_session_timeout(timeout)
            .set_authentication_request_extra_params(Some(params));
        let action = Action::builder().r#type(ActionTypeEnum::AuthenticateCognito);
        action.authenticate_cognito_config(config.build()).build()
    }
}

prop_compose! {
    fn jwt()(text in "\\PC{0,8}", values in prop::collection::vec("[a-z]{0,4}", 0..3)) -> Action {
        let claim = JwtValidationActionAdditionalClaim::builder().name(&text).set_values(Some(values)).build();
        let config = JwtValidationActionConfig::builder().jwks_endpoint(&text).issuer(text).additional_claims(claim);
        Action::builder().r#type(ActionTypeEnum::JwtValidation).jwt_validation_config(config.build()).build()
    }
}

prop_compose! {
    fn answer()(text in "\\PC{0,8}", redirect in any::<bool>()) -> Action {
        if redirect {
            let status = RedirectActionStatusCodeEnum::Http302;
            let config = RedirectActionConfig::builder().host(text).query("#{query}").status_code(status).build();
            return Action::builder().r#type(ActionTypeEnum::Redirect).redirect_config(config).build();
        }
        let config = FixedResponseActionConfig::builder().message_body(text).status_code("503").build();
        Action::builder().r#type(ActionTypeEnum::FixedResponse).fixed_response_config(config).build()
    }
}

prop_compose! {
    /// A forward as AWS returns it; one group alone may stand in the action itself, or in both places.
    fn forward()(
        weights in any_forward().prop_map(|forward| forward.weights),
        stickiness in prop::option::of((any::<bool>(), prop::option::of(1..604_800))),
        bare in any::<bool>(),
    ) -> Action {
        let action = Action::builder().r#type(ActionTypeEnum::Forward);
        if let ([only], true) = (weights.as_slice(), bare) {
            return action.target_group_arn(&only.target_group).build();
        }
        let groups = weights.iter().map(|entry| {
            TargetGroupTuple::builder().target_group_arn(&entry.target_group).weight(entry.weight).build()
        });
        let stickiness = stickiness.map(|(enabled, seconds)| {
            TargetGroupStickinessConfig::builder().enabled(enabled).set_duration_seconds(seconds).build()
        });
        let config = ForwardActionConfig::builder()
            .set_target_groups(Some(groups.collect()))
            .set_target_group_stickiness_config(stickiness);
        action.set_target_group_arn(bare.then(|| "tg-blue".into())).forward_config(config.build()).build()
    }
}

prop_compose! {
    /// The actions of a listener or rule: a few others, in any order, and the forward among them.
    fn actions()(
        mut all in prop::collection::vec(prop_oneof![oidc(), cognito(), jwt(), answer()], 0..4),
        forward in forward(),
        at in any::<prop::sample::Index>(),
        ordered in any::<bool>(),
    ) -> Vec<Action> {
        all.insert(at.index(all.len() + 1), forward);
        for (at, action) in all.iter_mut().enumerate() {
            action.order = i32::try_from(at + 1).ok().filter(|_| ordered);
        }
        all
    }
}

/// An action without what is ours to change: the weights, and how AWS wants a secret that it keeps to be left alone.
fn rest(action: &Action) -> Action {
    let mut rest = action.clone();
    if rest.r#type == Some(ActionTypeEnum::Forward) {
        let stickiness = rest.forward_config.and_then(|config| config.target_group_stickiness_config);
        rest.forward_config =
            Some(ForwardActionConfig::builder().set_target_group_stickiness_config(stickiness).build());
        rest.target_group_arn = None;
    }
    if let Some(oidc) = &mut rest.authenticate_oidc_config {
        (oidc.client_secret, oidc.use_existing_client_secret) = (None, None);
    }
    rest
}

proptest! {
    #[test]
    fn all_but_our_weights_goes_back_as_it_was(actions in actions(), blue in any::<bool>()) {
        let colour = if blue { Colour::Blue } else { Colour::Green };
        let read = read_forward("arn:live", Role::Live, Owner::Listener("arn:live".into()), actions.clone()).unwrap();
        let plans = [plan(&read.forward, &groups(), Goal::All(colour)), attach(&read.forward, &groups())];
        for weights in plans.into_iter().filter_map(|plan| plan.ok().flatten()) {
            let sent: Vec<Action> = read.actions.iter().cloned().map(|action| sendable(action, &weights)).collect();
            prop_assert_eq!(sent.iter().map(rest).collect::<Vec<_>>(), actions.iter().map(rest).collect::<Vec<_>>());
            for action in &sent {
                if action.r#type == Some(ActionTypeEnum::Forward) {
                    prop_assert_eq!(weights_of(action), weights.clone());
                    prop_assert_eq!(&action.target_group_arn, &None);
                }
                if let Some(oidc) = &action.authenticate_oidc_config {
                    prop_assert_eq!((&oidc.client_secret, oidc.use_existing_client_secret), (&None, Some(true)));
                }
            }
            let again = read_forward("arn:live", Role::Live, Owner::Listener("arn:live".into()), sent).unwrap();
            prop_assert_eq!(again.forward, Forward { weights, ..read.forward.clone() });
        }
    }

    /// Putting back what was there, after a later listener failed.
    #[test]
    fn what_is_put_back_is_what_was_read(actions in actions()) {
        let read = read_forward("arn:live", Role::Live, Owner::Listener("arn:live".into()), actions).unwrap();
        let sent = read.actions.iter().cloned().map(|action| sendable(action, &read.forward.weights)).collect();
        let again = read_forward("arn:live", Role::Live, Owner::Listener("arn:live".into()), sent).unwrap();
        prop_assert_eq!(again.forward, read.forward);
    }
}
