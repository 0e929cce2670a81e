//! What of a listener's or rule's actions the SDK does not know. It has no schema of this API: what it knows is what it
//! would send back, so that is what the reply is held against.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_elasticloadbalancingv2::operation::modify_listener::{ModifyListener, ModifyListenerInput};
use aws_sdk_elasticloadbalancingv2::types::Action;
use aws_smithy_runtime_api::client::interceptors::context::Input;
use aws_smithy_runtime_api::client::runtime_plugin::RuntimePlugin;
use aws_smithy_runtime_api::client::ser_de::{SerializeRequest, SharedRequestSerializer};
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_xml::decode::{Document, try_data};

use super::reply::unreadable;
use crate::error::{Error, Result};

/// What the query protocol calls the items of lists and of maps.
const ITEMS: [&str; 2] = ["member", "entry"];

/// The actions of the listeners or rules of a reply, as they were sent: by ARN, the paths of all values, as
/// `1.ForwardConfig.TargetGroups.member.2.Weight`.
pub(super) struct SentActions(BTreeMap<String, BTreeSet<String>>);

impl SentActions {
    /// Reads a reply to `DescribeListeners` or `DescribeRules`.
    pub(super) fn read(xml: &str) -> Result<Self> {
        let mut owners: BTreeMap<String, (String, BTreeSet<String>)> = BTreeMap::new();
        for (path, value) in values(xml)? {
            // Response, result, list, `member`, its number; then what one listener or rule has.
            let [_, _, list, _, number, own @ ..] = path.as_slice() else { continue };
            let (arn, actions) = owners.entry(format!("{list}.{number}")).or_default();
            match own.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
                ["ListenerArn"] if list == "Listeners" => *arn = value,
                ["RuleArn"] if list == "Rules" => *arn = value,
                ["DefaultActions" | "Actions", "member", path @ ..] => drop(actions.insert(path.join("."))),
                _ => {}
            }
        }
        Ok(Self(owners.into_values().collect()))
    }

    /// Paths of what was sent and would not be sent back, as `actions[0].ForwardConfig.NewThing`.
    pub(super) fn unknown_to(&self, arn: &str, actions: &[Action]) -> Result<Vec<String>> {
        let known = known(actions)?;
        let prefixes = |path: &str| -> BTreeSet<String> {
            path.match_indices('.')
                .filter_map(|(at, _)| path.get(..at).map(str::to_owned))
                .chain([path.to_owned()])
                .collect()
        };
        let above: BTreeSet<String> = known.iter().flat_map(|path| prefixes(path)).collect();
        let sent = self.0.get(arn).into_iter().flatten().filter(|path| !known.contains(*path));
        // Of a whole structure that is unknown, its own name.
        let highest = sent.filter_map(|path| prefixes(path).into_iter().find(|part| !above.contains(part)));
        let mut found: Vec<String> = highest.map(|path| readable(&path)).collect();
        found.dedup();
        Ok(found)
    }
}

/// The values of an XML text that are not empty, in order, each with its path; items of lists are numbered from 1.
fn values(xml: &str) -> Result<Vec<(Vec<String>, String)>> {
    // Once for which elements there are, as the reader cannot look ahead; once for the texts of those with nothing below.
    let mut document = Document::new(xml);
    let mut depths = Vec::new();
    while let Some(start) = document.next_start_element() {
        depths.push(start.depth());
    }
    let mut document = Document::new(xml);
    let mut path: Vec<Vec<String>> = Vec::new();
    let mut counts: Vec<usize> = Vec::new();
    let mut found = Vec::new();
    let mut next = depths.iter().skip(1).copied().chain([0]);
    while let Some(start) = document.next_start_element() {
        let (depth, name) = (start.depth(), start.local().to_owned());
        path.truncate(depth);
        counts.truncate(depth + 1);
        counts.resize(depth + 1, 0);
        let mut step = vec![name];
        if ITEMS.contains(&start.local()) {
            let count = counts.get_mut(depth).map_or(1, |count| {
                *count += 1;
                *count
            });
            step.push(count.to_string());
        }
        path.push(step);
        if next.next().is_none_or(|below| below <= depth) {
            let text = try_data(&mut document.scoped_to(start)).map_err(|error| unreadable(&error))?;
            if !text.trim().is_empty() {
                found.push((path.concat(), text.into_owned()));
            }
        }
    }
    Ok(found)
}

/// The paths of all that the SDK sends of these actions.
fn known(actions: &[Action]) -> Result<BTreeSet<String>> {
    let input = ModifyListenerInput::builder().set_default_actions(Some(actions.to_vec())).build();
    let input = input.map_err(|error| unsent(&error))?;
    let mut bag = ConfigBag::base();
    if let Some(layer) = ModifyListener::new().config() {
        bag.push_shared_layer(layer);
    }
    let serializer = bag.load::<SharedRequestSerializer>().cloned().ok_or_else(|| unsent(&"no serializer"))?;
    let request = serializer.serialize_input(Input::erase(input), &mut bag).map_err(|error| unsent(&error))?;
    let body = request.body().bytes().unwrap_or_default();
    let keys = url::form_urlencoded::parse(body).map(|(key, _)| key.into_owned());
    Ok(keys.filter_map(|key| key.strip_prefix("DefaultActions.member.").map(str::to_owned)).collect())
}

fn unsent(why: &dyn std::fmt::Display) -> Error {
    Error::unexpected("sdk", format!("what would be sent cannot be seen: {why}"))
        .hint("this should not happen: report it")
}

/// `1.ForwardConfig.TargetGroups.member.2.Weight` as a person writes it.
fn readable(path: &str) -> String {
    let step = |part: &str| match part.parse::<usize>() {
        Ok(number) => format!("[{}]", number.saturating_sub(1)),
        Err(_) => format!(".{part}"),
    };
    let steps: String = path.split('.').filter(|part| !ITEMS.contains(part)).map(step).collect();
    format!("actions{steps}")
}

#[cfg(test)]
mod tests {
    use aws_sdk_elasticloadbalancingv2::types::{
        ActionTypeEnum, AuthenticateOidcActionConfig, ForwardActionConfig, JwtValidationActionAdditionalClaim,
        JwtValidationActionConfig, TargetGroupStickinessConfig, TargetGroupTuple,
    };

    use super::*;

    /// As the API writes it, with something added to the forward, to the first group of it, and after the forward.
    fn reply(in_forward: &str, in_group: &str, after: &str) -> String {
        format!(
            r#"<DescribeListenersResponse xmlns="http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/">
  <DescribeListenersResult><Listeners>
    <member><ListenerArn>other</ListenerArn><DefaultActions><member><Type>forward</Type></member></DefaultActions></member>
    <member>
      <NewThingOfTheListener>1</NewThingOfTheListener>
      <DefaultActions>
        <member>
          <Type>authenticate-oidc</Type><Order>1</Order>
          <AuthenticateOidcConfig>
            <Issuer>i</Issuer><Scope>openid</Scope>
            <AuthenticationRequestExtraParams><entry><key>a</key><value>1</value></entry></AuthenticationRequestExtraParams>
          </AuthenticateOidcConfig>
        </member>
        <member>
          <Type>jwt-validation</Type><Order>2</Order>
          <JwtValidationConfig><JwksEndpoint>j</JwksEndpoint><Issuer>i</Issuer>
            <AdditionalClaims><member><Format>single-string</Format><Name>n</Name>
              <Values><member>v</member></Values></member></AdditionalClaims>
          </JwtValidationConfig>
        </member>
        <member>
          <Type>forward</Type><Order>3</Order><TargetGroupArn>blue</TargetGroupArn>
          <ForwardConfig>
            <TargetGroups>
              <member><TargetGroupArn>blue</TargetGroupArn><Weight>100</Weight>{in_group}</member>
              <member><TargetGroupArn>green</TargetGroupArn><Weight>0</Weight></member>
            </TargetGroups>
            <TargetGroupStickinessConfig><Enabled>false</Enabled><DurationSeconds/></TargetGroupStickinessConfig>
            {in_forward}
          </ForwardConfig>{after}
        </member>
      </DefaultActions>
      <ListenerArn>live</ListenerArn>
    </member>
  </Listeners></DescribeListenersResult>
</DescribeListenersResponse>"#
        )
    }

    /// What the SDK makes of it.
    fn actions() -> Vec<Action> {
        let oidc = AuthenticateOidcActionConfig::builder().issuer("i").scope("openid");
        let oidc = oidc.authentication_request_extra_params("a", "1").build();
        let claim = JwtValidationActionAdditionalClaim::builder().format("single-string".into()).name("n").values("v");
        let jwt = JwtValidationActionConfig::builder().jwks_endpoint("j").issuer("i").additional_claims(claim.build());
        let group = |arn: &str, weight| TargetGroupTuple::builder().target_group_arn(arn).weight(weight).build();
        let forward = ForwardActionConfig::builder()
            .target_groups(group("blue", 100))
            .target_groups(group("green", 0))
            .target_group_stickiness_config(TargetGroupStickinessConfig::builder().enabled(false).build());
        vec![
            Action::builder().r#type(ActionTypeEnum::AuthenticateOidc).order(1).authenticate_oidc_config(oidc).build(),
            Action::builder().r#type("jwt-validation".into()).order(2).jwt_validation_config(jwt.build()).build(),
            Action::builder()
                .r#type(ActionTypeEnum::Forward)
                .order(3)
                .target_group_arn("blue")
                .forward_config(forward.build())
                .build(),
        ]
    }

    #[test]
    fn what_was_sent_and_would_not_be_sent_back_is_found_with_its_path() {
        let structure = "<NewThing><A>1</A><B><member>x</member><member>y</member></B></NewThing>";
        let everywhere = || vec!["actions[2].ForwardConfig.NewThing", "actions[2].NewThing"];
        for (xml, expected) in [
            (reply("", "", ""), vec![]),
            (reply("<NewThing/>", "<NewThing></NewThing>", "<NewThing> </NewThing>"), vec![]),
            (reply("<NewThing>on</NewThing>", "", ""), vec!["actions[2].ForwardConfig.NewThing"]),
            (reply("", structure, ""), vec!["actions[2].ForwardConfig.TargetGroups[0].NewThing"]),
            (reply(structure, "", structure), everywhere()),
        ] {
            let sent = SentActions::read(&xml).unwrap();
            assert_eq!(sent.unknown_to("live", &actions()).unwrap(), expected, "{xml}");
        }
    }

    #[test]
    fn a_rules_actions_are_found_too() {
        let xml = "<R><Q><Rules><member><Actions><member><Type>forward</Type><New>1</New></member></Actions>\
                   <RuleArn>rule</RuleArn><NewThingOfTheRule>1</NewThingOfTheRule></member></Rules></Q></R>";
        let sent = SentActions::read(xml).unwrap();
        let forward = Action::builder().r#type(ActionTypeEnum::Forward).build();
        assert_eq!(sent.unknown_to("rule", &[forward]).unwrap(), ["actions[0].New"]);
        assert!(sent.unknown_to("another", &[]).unwrap().is_empty());
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_or_an_error(text in "(<[a-c]>|</[a-c]>|<member>|</member>|<a/>|&|x| |]]>|<!--){0,40}") {
            drop(SentActions::read(&text));
        }
    }
}
