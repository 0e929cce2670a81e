//! What AWS asks of a caller for a recorded call: the Service Authorization Reference of ECS, Elastic Load Balancing and
//! ECR, for the operations that this program calls. An operation that is not here fails the test.

use std::collections::BTreeMap;

use super::policy::Need;
use crate::faults::prepare;
use crate::support::{Value, World, json};

/// Calls of one world, as needs.
pub(crate) struct Reader<'a> {
    pub(crate) world: &'a World,
}

impl Reader<'_> {
    /// One call may ask for several: for roles that it passes, and tags that it gives.
    pub(crate) fn needs(&self, call: &Value) -> Vec<Need> {
        let (service, operation) = (call["service"].as_str().unwrap(), call["operation"].as_str().unwrap());
        let params = &call["params"];
        let action = format!("{service}:{operation}");
        let on = |resources: Vec<String>| resources.into_iter().map(|resource| need(&action, resource)).collect();
        match &*action {
            // Asks for no permission at all.
            "sts:GetCallerIdentity" => Vec::new(),
            "ecs:DescribeServices" => {
                on(list(&params["services"]).iter().map(|name| self.service(params, name)).collect())
            }
            "ecs:UpdateServicePrimaryTaskSet" => on(vec![self.service(params, text(&params["service"]))]),
            "ecs:DescribeTaskSets" => on(list(&params["taskSets"])),
            "ecs:UpdateTaskSet" | "ecs:DeleteTaskSet" => on(vec![text(&params["taskSet"]).to_owned()]),
            "ecs:CreateTaskSet" => self.creation(params),
            "ecs:RegisterTaskDefinition" => self.registration(params),
            "ecs:DescribeTasks" => on(list(&params["tasks"])),
            "ecs:DescribeContainerInstances" => on(list(&params["containerInstances"])),
            "ecs:ListTasks" => {
                let cluster = self.arn("ecs", &format!("cluster/{}", self.cluster(params)));
                // The reference names the cluster's container instances as its resource.
                let instances = self.arn("ecs", &format!("container-instance/{}/*", self.cluster(params)));
                vec![Need { context: BTreeMap::from([("ecs:cluster", cluster)]), ..need(&action, instances) }]
            }
            "elasticloadbalancing:ModifyListener" => on(vec![text(&params["ListenerArn"]).to_owned()]),
            "elasticloadbalancing:ModifyRule" => on(vec![text(&params["RuleArn"]).to_owned()]),
            "ecr:DescribeImages" => {
                let (region, account) = (text(&call["region"]), text(&params["registryId"]));
                let repository = text(&params["repositoryName"]);
                on(vec![format!("arn:aws:ecr:{region}:{account}:repository/{repository}")])
            }
            // AWS knows no resource for these.
            "ecs:DescribeTaskDefinition" | "ecs:DeregisterTaskDefinition" | "ecr:GetAuthorizationToken" => {
                on(vec!["*".to_owned()])
            }
            // As it is signed; policies have another name.
            _ if service == "monitoring" => vec![need(&format!("cloudwatch:{operation}"), "*".to_owned())],
            _ if action.starts_with("elasticloadbalancing:Describe") => on(vec!["*".to_owned()]),
            _ => panic!("what permission does {action} need? {params}"),
        }
    }

    fn creation(&self, params: &Value) -> Vec<Need> {
        let service = text(&params["service"]).rsplit('/').next().unwrap();
        let set = self.arn("ecs", &format!("task-set/{}/{service}/*", self.cluster(params)));
        let named = json!({ "taskDefinition": params["taskDefinition"] });
        let definition = prepare::ecs(self.world, "DescribeTaskDefinition", &named);
        with_tags_and_roles("CreateTaskSet", set, params, &definition["taskDefinition"])
    }

    fn registration(&self, params: &Value) -> Vec<Need> {
        let family = self.arn("ecs", &format!("task-definition/{}:*", text(&params["family"])));
        with_tags_and_roles("RegisterTaskDefinition", family, params, params)
    }

    fn arn(&self, service: &str, resource: &str) -> String {
        format!("arn:aws:{service}:{}:{}:{resource}", self.world.text("region"), self.world.account_id())
    }

    /// Its name, of a name or ARN.
    fn cluster<'b>(&self, params: &'b Value) -> &'b str {
        text(&params["cluster"]).rsplit('/').next().unwrap()
    }

    fn service(&self, params: &Value, name: &str) -> String {
        self.arn("ecs", &format!("service/{}/{}", self.cluster(params), name.rsplit('/').next().unwrap()))
    }
}

/// A creation that gives tags needs ecs:TagResource, and one that passes roles iam:PassRole.
fn with_tags_and_roles(operation: &str, resource: String, params: &Value, definition: &Value) -> Vec<Need> {
    let mut needs = vec![need(&format!("ecs:{operation}"), resource.clone())];
    if params["tags"].as_array().is_some_and(|tags| !tags.is_empty()) {
        let context = BTreeMap::from([("ecs:CreateAction", operation.to_owned())]);
        needs.push(Need { context, ..need("ecs:TagResource", resource) });
    }
    for role in ["taskRoleArn", "executionRoleArn"] {
        if let Some(role) = definition[role].as_str() {
            let context = BTreeMap::from([("iam:PassedToService", "ecs-tasks.amazonaws.com".to_owned())]);
            needs.push(Need { context, ..need("iam:PassRole", role.to_owned()) });
        }
    }
    needs
}

fn need(action: &str, resource: String) -> Need {
    Need { action: action.to_owned(), resource, context: BTreeMap::new() }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn list(values: &Value) -> Vec<String> {
    values.as_array().unwrap().iter().map(|value| text(value).to_owned()).collect()
}
