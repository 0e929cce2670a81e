//! Arguments, JSON parameters, files and environment become validated settings, once.
//!
//! Precedence: `--flags` > `ECS_BG_PARAMS` > `--config` files, the later first > `AWS_*` environment.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use crate::error::{Error, Result};
use crate::model::{Colour, Pair};

/// Every setting, validated. An action takes what it needs; what it needs and was not given is a usage error
/// (see [`required`]).
#[derive(Debug, Clone, Default)]
pub(crate) struct Settings {
    pub(crate) connection: Connection,
    pub(crate) cluster: Option<String>,
    pub(crate) service: Option<String>,
    pub(crate) target_groups: Option<Pair<String>>,
    /// Listener or rule ARNs; a listener means its default rule.
    pub(crate) live: Vec<String>,
    pub(crate) test: Vec<String>,
    pub(crate) deployment_id: Option<String>,
    pub(crate) task_set_arn: Option<String>,
    /// The build's URL.
    pub(crate) build: Option<String>,
    pub(crate) version: VersionSource,
    pub(crate) task_set: TaskSetOverrides,
    pub(crate) repository: Option<String>,
    pub(crate) image_tag: Option<String>,
    /// `weights.blue`, `weights.green`, each 0–999.
    pub(crate) weights: Option<Pair<u16>>,
    /// Percent, 0–100.
    pub(crate) scale: Option<f64>,
    /// Percent of the computed desired count that must be healthy, 1–100.
    pub(crate) min_healthy: u8,
    pub(crate) timeout: Option<Duration>,
    pub(crate) poll_interval: Duration,
    pub(crate) confirmations: u32,
    pub(crate) drain: Option<Duration>,
    /// Since when a set has had no live weight, as `swap-live` reported it.
    pub(crate) idle_since: Option<std::time::SystemTime>,
    pub(crate) allow: Vec<String>,
    pub(crate) dry_run: bool,
    pub(crate) pipeline: Pipeline,
}

/// How to reach AWS, and as whom.
#[derive(Debug, Clone, Default)]
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
    pub(crate) attempt_timeout: Duration,
    pub(crate) operation_timeout: Duration,
}

/// Where the new version comes from, and what is different from its template.
#[derive(Debug, Clone, Default)]
pub(crate) struct VersionSource {
    /// A template file for `register-task-definition`.
    pub(crate) template: Option<PathBuf>,
    /// An existing revision: ARN, or `family:revision`.
    pub(crate) task_definition_arn: Option<String>,
    pub(crate) image: Option<String>,
    /// Per container.
    pub(crate) images: BTreeMap<String, String>,
    pub(crate) family: Option<String>,
    pub(crate) container_name: Option<String>,
    /// Variables for the container that serves (`containerName`, or the only one).
    pub(crate) environment: BTreeMap<String, String>,
    /// Variables per container.
    pub(crate) container_environment: BTreeMap<String, BTreeMap<String, String>>,
    pub(crate) secrets: BTreeMap<String, String>,
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
#[derive(Debug, Clone, Default)]
pub(crate) struct TaskSetOverrides {
    /// A template file for `create-task-set`.
    pub(crate) template: Option<PathBuf>,
    pub(crate) container_port: Option<i32>,
    pub(crate) subnets: Vec<String>,
    pub(crate) security_groups: Vec<String>,
    pub(crate) assign_public_ip: Option<bool>,
    pub(crate) launch_type: Option<String>,
    pub(crate) capacity_providers: Vec<CapacityProvider>,
    pub(crate) platform_version: Option<String>,
}

/// One item of a capacity provider strategy; written `NAME`, or `{name, weight, base}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CapacityProvider {
    pub(crate) name: String,
    pub(crate) weight: i32,
    pub(crate) base: i32,
}

/// The pipeline's own settings: `preflight` checks and resolves them, no other action uses them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pipeline {
    /// `approve`, resolved; JSON `false`: do not ask.
    pub(crate) approve: serde_json::Value,
    /// `cleanup`, resolved.
    pub(crate) cleanup: serde_json::Value,
    /// The bake time, out of `cleanup`.
    pub(crate) bake: Duration,
    /// `rollback` or `keep`.
    pub(crate) on_failure: String,
    /// All keys that were given, resolved: what `preflight` returns as `settings`.
    pub(crate) resolved: serde_json::Map<String, serde_json::Value>,
}

impl Settings {
    /// The weight asked for a colour.
    pub(crate) fn weight(&self, colour: Colour) -> Option<u16> {
        self.weights.as_ref().map(|weights| *weights.get(colour))
    }

    /// Whether a refusal is allowed by its code.
    pub(crate) fn allows(&self, code: &str) -> bool {
        self.allow.iter().any(|allowed| allowed == code)
    }
}

/// A setting that an action cannot do without.
pub(crate) fn required<'a, T>(value: Option<&'a T>, key: &str) -> Result<&'a T> {
    value.ok_or_else(|| {
        Error::usage("missing-parameter", format!("`{key}` is missing"))
            .hint(format!("give `{key}` as a flag (--{}), in ECS_BG_PARAMS, or in a --config file", flag_name(key)))
    })
}

/// The flag of a parameter: kebab-case, a dot becomes a dash.
pub(crate) fn flag_name(key: &str) -> String {
    let mut flag = String::new();
    for c in key.chars() {
        match c {
            '.' => flag.push('-'),
            c if c.is_ascii_uppercase() => {
                flag.push('-');
                flag.push(c.to_ascii_lowercase());
            }
            c => flag.push(c),
        }
    }
    flag
}
