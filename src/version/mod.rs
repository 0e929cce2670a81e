//! The new version as requests: from templates, overrides and what runs, a task definition and a task set.

pub(crate) mod task_definition;
pub(crate) mod task_set;
pub(crate) mod template;
