//! What the parameters come to. A field's name is its parameter's: serde spells it in camelCase, and a test holds both against the
//! table.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use serde::Deserialize;
use serde_json::{Map, Value};

use super::canary::{Gates, Step};
use super::reading;
use crate::model::{Colour, Pair};

/// Every setting, validated. An action takes what it needs; what it needs and was not given is a usage error
/// (see [`super::required`]).
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Settings {
    #[serde(skip)]
    pub(crate) connection: Connection,
    pub(crate) cluster: Option<String>,
    pub(crate) service: Option<String>,
    pub(crate) target_groups: Option<Pair<String>>,
    pub(crate) listeners: Listeners,
    pub(crate) deployment_id: Option<String>,
    pub(crate) task_set_arn: Option<String>,
    /// The build's URL.
    pub(crate) build: Option<String>,
    #[serde(skip)]
    pub(crate) version: VersionSource,
    #[serde(skip)]
    pub(crate) task_set: TaskSetOverrides,
    pub(crate) repository: Option<String>,
    #[serde(rename = "tag")]
    pub(crate) image_tag: Option<String>,
    /// Each 0–999.
    pub(crate) weights: Option<Pair<u16>>,
    /// Percent of the live traffic for the version that is named, 0.1–99.9.
    pub(crate) weight: Option<f64>,
    /// A canary's steps.
    pub(crate) canary: Vec<Step>,
    pub(crate) gates: Gates,
    /// When the version's part of the live traffic last changed.
    #[serde(deserialize_with = "reading::time")]
    pub(crate) since: Option<SystemTime>,
    /// When the version got its first live request.
    #[serde(deserialize_with = "reading::time")]
    pub(crate) baseline: Option<SystemTime>,
    /// The verdict of the look before.
    pub(crate) before: Option<String>,
    /// How long to look again.
    #[serde(rename = "for", deserialize_with = "reading::duration")]
    pub(crate) looking: Duration,
    /// Percent, 0–100.
    pub(crate) scale: Option<f64>,
    /// Percent of the computed desired count that must be healthy, 1–100.
    pub(crate) min_healthy: u8,
    #[serde(deserialize_with = "reading::maybe_duration")]
    pub(crate) timeout: Option<Duration>,
    /// How long traffic waits for a set that scales at that moment.
    #[serde(deserialize_with = "reading::duration")]
    pub(crate) settle: Duration,
    #[serde(deserialize_with = "reading::duration")]
    pub(crate) poll_interval: Duration,
    pub(crate) confirmations: u32,
    #[serde(deserialize_with = "reading::maybe_duration")]
    pub(crate) drain: Option<Duration>,
    /// Since when a set has had no live weight, as `swap-live` reported it.
    #[serde(deserialize_with = "reading::time")]
    pub(crate) idle_since: Option<SystemTime>,
    /// An archived report.
    pub(crate) report: Option<PathBuf>,
    /// What a load generator counted meanwhile.
    pub(crate) seen: Option<PathBuf>,
    pub(crate) allow: Vec<String>,
    pub(crate) dry_run: bool,
    /// The colour that a Makefile.env says is next: compared with what is idle, and never needed.
    #[serde(skip)]
    pub(crate) next_env: Option<Colour>,
    #[serde(skip)]
    pub(crate) pipeline: Pipeline,
}

/// ARNs of listeners or rules; a listener means its default rule.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Listeners {
    pub(crate) live: Vec<String>,
    pub(crate) test: Vec<String>,
}

/// How to reach AWS, and as whom.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Connection {
    pub(crate) region: Option<String>,
    pub(crate) profile: Option<String>,
    pub(crate) role_arn: Option<String>,
    pub(crate) role_external_id: Option<String>,
    pub(crate) role_session_name: Option<String>,
    pub(crate) endpoint_url: Option<String>,
    /// The account that this must run in.
    pub(crate) account_id: Option<String>,
    pub(crate) max_attempts: u32,
    #[serde(deserialize_with = "reading::duration")]
    pub(crate) attempt_timeout: Duration,
    #[serde(deserialize_with = "reading::duration")]
    pub(crate) operation_timeout: Duration,
}

/// Where the new version comes from, and what is different from its template.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct VersionSource {
    /// A template file for `register-task-definition`.
    #[serde(rename = "taskDefinition")]
    pub(crate) template: Option<PathBuf>,
    /// An existing revision: ARN, or `family:revision`.
    pub(crate) task_definition_arn: Option<String>,
    pub(crate) image: Option<String>,
    /// Per container.
    pub(crate) images: BTreeMap<String, String>,
    pub(crate) family: Option<String>,
    /// A Makefile.env has a family for each colour; that of the idle colour counts, where `family` was not given.
    #[serde(skip)]
    pub(crate) families: Option<Pair<String>>,
    pub(crate) container_name: Option<String>,
    /// Variables for the container that serves (`containerName`, or the only one).
    #[serde(deserialize_with = "reading::texts")]
    pub(crate) environment: BTreeMap<String, String>,
    /// Variables per container.
    #[serde(skip)]
    pub(crate) container_environment: BTreeMap<String, BTreeMap<String, String>>,
    #[serde(deserialize_with = "reading::texts")]
    pub(crate) secrets: BTreeMap<String, String>,
    #[serde(skip)]
    pub(crate) container_secrets: BTreeMap<String, BTreeMap<String, String>>,
    pub(crate) task_role_arn: Option<String>,
    pub(crate) execution_role_arn: Option<String>,
    pub(crate) log_group: Option<String>,
    pub(crate) log_region: Option<String>,
    pub(crate) cpu: Option<String>,
    pub(crate) memory: Option<String>,
    pub(crate) tags: BTreeMap<String, String>,
}

/// What of a task set is different from its template or from PRIMARY.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct TaskSetOverrides {
    /// A template file for `create-task-set`.
    #[serde(rename = "taskSet")]
    pub(crate) template: Option<PathBuf>,
    pub(crate) container_port: Option<i32>,
    pub(crate) subnets: Vec<String>,
    pub(crate) security_groups: Vec<String>,
    #[serde(deserialize_with = "reading::enabled")]
    pub(crate) assign_public_ip: Option<bool>,
    pub(crate) launch_type: Option<String>,
    pub(crate) capacity_providers: Vec<CapacityProvider>,
    pub(crate) platform_version: Option<String>,
}

/// One item of a capacity provider strategy; written `NAME`, or `{name, weight, base}`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct CapacityProvider {
    pub(crate) name: String,
    pub(crate) weight: i32,
    pub(crate) base: i32,
}

/// The pipeline's own settings: `preflight` checks and resolves them, no other action uses them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pipeline {
    /// `cleanup`, resolved.
    pub(crate) cleanup: Value,
    /// The bake time, out of `cleanup`.
    pub(crate) bake: Duration,
    /// All keys that were given, and the defaults. For what `preflight` returns, see [`Settings::resolved`]. Without
    /// `environment`: a container's values are printed nowhere, so who needs them is given them, or the files, again.
    pub(crate) resolved: Map<String, Value>,
}

impl Settings {
    /// Whether a refusal is allowed by its name: its code, or `CODE:CONTAINER` of one that concerns a container alone, which
    /// the bare code allows too.
    pub(crate) fn allows(&self, name: &str) -> bool {
        let code = name.split(':').next().unwrap_or(name);
        self.allow.iter().any(|allowed| allowed == name || allowed == code)
    }

    /// The family of the new version's task definition, where it was given: by its name, or for the colour that is
    /// idle.
    pub(crate) fn family(&self, idle: Option<Colour>) -> Option<&str> {
        let of_idle = || self.version.families.as_ref().zip(idle).map(|(families, idle)| families.get(idle));
        self.version.family.as_ref().or_else(of_idle).map(String::as_str)
    }

    /// What `preflight` returns as `settings`: everything that was given, with the defaults and with what is known by
    /// then, for actions that run where there are no files.
    pub(crate) fn resolved(&self, region: &str, idle: Option<Colour>) -> Map<String, Value> {
        let mut resolved = self.pipeline.resolved.clone();
        resolved.insert("region".to_owned(), region.into());
        if let Some(family) = self.family(idle) {
            resolved.insert("family".to_owned(), family.into());
        }
        resolved
    }
}
