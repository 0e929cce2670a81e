//! What belongs to somebody else is denied, however alike its name.

use std::collections::BTreeMap;

use super::policy::{Names, Need, Policy};
use crate::support::World;

/// An action, our resource, and the same of others. `LIVE` is the live listener's part of an ARN.
const NEIGHBOURS: [(&str, &str, &[&str]); 16] = [
    ("ecs:DescribeServices", "service/prod/web", &["service/prod/web2", "service/prod/other", "service/test/web"]),
    ("ecs:UpdateServicePrimaryTaskSet", "service/prod/web", &["service/prod/other", "service/test/web"]),
    ("ecs:CreateTaskSet", "task-set/prod/web/*", &["task-set/prod/web2/*", "task-set/test/web/*"]),
    ("ecs:UpdateTaskSet", "task-set/prod/web/ecs-svc/1", &["task-set/prod/other/ecs-svc/1"]),
    ("ecs:DeleteTaskSet", "task-set/prod/web/ecs-svc/1", &["task-set/prod/other/ecs-svc/1", "service/prod/web"]),
    ("ecs:DescribeTaskSets", "task-set/prod/web/ecs-svc/1", &["task-set/test/web/ecs-svc/1"]),
    ("ecs:DescribeTasks", "task/prod/1", &["task/test/1"]),
    ("ecs:DescribeContainerInstances", "container-instance/prod/1", &["container-instance/test/1"]),
    ("ecs:RegisterTaskDefinition", "task-definition/web:*", &["task-definition/web2:*", "task-definition/other:*"]),
    ("ecs:TagResource", "task-definition/web:*", &["task-definition/web2:*", "task-set/prod/other/*"]),
    ("ecs:TagResource", "task-set/prod/web/*", &["task-set/prod/other/*", "service/prod/web"]),
    ("iam:PassRole", "role/web-task", &["role/web-task2", "role/web-deploy", "role/other"]),
    ("elasticloadbalancing:ModifyListener", "listener/LIVE", &["listener/app/web/1/2", "listener-rule/LIVE/1"]),
    ("elasticloadbalancing:ModifyRule", "listener-rule/LIVE/1", &["listener-rule/app/web/1/2/3", "listener/LIVE"]),
    ("ecr:DescribeImages", "repository/web", &["repository/web2", "repository/other/web"]),
    ("ecr:PutImage", "repository/web", &["repository/web2", "repository/other/web"]),
];

/// The conditions' keys as a right call brings them along.
const CONTEXT: [(&str, &[(&str, &str)]); 2] = [
    ("ecs:TagResource", &[("ecs:CreateAction", "CreateTaskSet")]),
    ("iam:PassRole", &[("iam:PassedToService", "ecs-tasks.amazonaws.com")]),
];

struct Judge {
    policy: Policy,
    names: Names,
    account: String,
    live: String,
}

impl Judge {
    fn arn(&self, action: &str, resource: &str) -> String {
        let (service, _) = action.split_once(':').unwrap();
        let region = if service == "iam" { "" } else { "eu-west-1" };
        format!("arn:aws:{service}:{region}:{}:{}", self.account, resource.replace("LIVE", &self.live))
    }

    fn allows(&self, action: &str, resource: &str, context: &[(&'static str, &str)]) -> bool {
        let need = Need {
            action: action.to_owned(),
            resource: resource.to_owned(),
            context: context.iter().map(|(key, value)| (*key, (*value).to_owned())).collect::<BTreeMap<_, _>>(),
        };
        !self.policy.grants(&self.names, &need).is_empty()
    }
}

fn judge() -> Judge {
    let world = World::new();
    Judge {
        policy: Policy::read("deploy.json"),
        names: Names::of(&world),
        account: world.account_id(),
        live: world.text("listeners/live").split_once(":listener/").unwrap().1.to_owned(),
    }
}

#[test]
fn nothing_of_a_neighbour_is_allowed() {
    let judge = judge();
    for (action, ours, others) in NEIGHBOURS {
        let context = CONTEXT.iter().find(|(of, _)| *of == action).map_or(&[][..], |(_, context)| context);
        let ours = judge.arn(action, ours);
        assert!(judge.allows(action, &ours, context), "denied: {action} on {ours}");
        let elsewhere = [ours.replace("eu-west-1", "eu-west-2"), ours.replace(&judge.account, "123456789012")];
        let others = others.iter().map(|other| judge.arn(action, other));
        for other in elsewhere.into_iter().filter(|other| *other != ours).chain(others) {
            assert!(!judge.allows(action, &other, context), "allowed: {action} on {other}");
        }
    }
}

#[test]
fn a_right_resource_in_wrong_circumstances_is_denied() {
    let judge = judge();
    let arn = |action: &str, resource: &str| judge.arn(action, resource);
    let (set, role) = (arn("ecs:", "task-set/prod/web/ecs-svc/1"), arn("iam:", "role/web-task"));
    let (here, there) = (arn("ecs:", "cluster/prod"), arn("ecs:", "cluster/test"));
    assert!(judge.allows("ecs:ListTasks", "*", &[("ecs:cluster", &here)]));
    for (action, resource, context) in [
        ("ecs:ListTasks", "*", &[("ecs:cluster", &*there)][..]),
        ("ecs:ListTasks", "*", &[]),
        // What exists is not given tags.
        ("ecs:TagResource", &set, &[]),
        ("ecs:TagResource", &set, &[("ecs:CreateAction", "RunTask")]),
        ("iam:PassRole", &role, &[("iam:PassedToService", "ec2.amazonaws.com")]),
        ("iam:PassRole", &role, &[]),
    ] {
        assert!(!judge.allows(action, resource, context), "allowed: {action} on {resource}, {context:?}");
    }
}
