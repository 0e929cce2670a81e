//! From what an action has observed to the request: for a task set that is to be, or is there already.

use aws_sdk_ecs::operation::create_task_set::CreateTaskSetInput;

use crate::config::required;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::model::{Colour, TaskSet, tags};
use crate::observe::Observed;
use crate::plan::create::content_differs;
use crate::version::task_set::{NewTaskSet, Source, Told, build};
use crate::version::template;

/// A request that can be sent, and what it was made from.
pub(super) struct Request {
    pub(super) input: CreateTaskSetInput,
    pub(super) new: NewTaskSet,
}

/// The request for this deployment's set in the group of `colour`: from the template where there is one, else like
/// PRIMARY, else from the parameters and what the task definition tells. `attempt` is 0, and the next number where the
/// answer was a set that is dead.
pub(super) async fn request_for(cx: &Context, observed: &Observed, colour: Colour, attempt: u32) -> Result<Request> {
    let settings = &cx.settings;
    let deployment = required(settings.deployment_id.as_ref(), "deploymentId")?;
    let task_definition = settings.version.task_definition_arn.as_deref();
    let primary = observed.raw_task_sets.primary();
    let name;
    let source = match (&settings.task_set.template, primary) {
        (Some(path), _) => {
            name = path.display().to_string();
            Source::Template(&name, template::load::<CreateTaskSetInput>(path)?)
        }
        (None, Some(primary)) => Source::Primary(primary),
        (None, None) => Source::Nothing(match task_definition {
            Some(named) => Told::by(&cx.aws.required_task_definition(named).await?.content),
            None => Told::default(),
        }),
    };
    let new = build(settings, source, observed.groups.get(colour), task_definition)?;
    if new.has_registries() && attempt == 0 {
        cx.refuse(
            Error::refused(
                "service-registries",
                "with service discovery the new version takes traffic as soon as it runs, before any test or approval",
            )
            .hint("let clients go through the load balancer, or leave serviceRegistries out"),
        )?;
    }
    let arns = |forwards: &[crate::aws::forwards::ReadForward]| {
        forwards.iter().map(|read| read.forward.arn.clone()).collect::<Vec<_>>()
    };
    let ours = tags::of_task_set(
        deployment,
        settings.build.as_deref(),
        &observed.groups,
        &arns(&observed.live),
        &arns(&observed.test),
        &settings.canary.iter().map(|step| (step.weight, step.bake.as_secs())).collect::<Vec<_>>(),
    );
    let input = new.request(&observed.service.cluster_arn, &observed.service.arn, deployment, attempt, &ours)?;
    Ok(Request { input, new })
}

/// Refuses where the set that the deployment has already is another one than this request would make.
pub(super) fn check_same_content(request: &Request, observed: &Observed, set: &TaskSet) -> Result<()> {
    let raw = observed.raw_task_sets.by_arn(&set.arn);
    let differences = raw.map(|raw| request.new.differences(raw)).transpose()?.unwrap_or_default();
    if differences.is_empty() { Ok(()) } else { Err(content_differs(set, &differences)) }
}
