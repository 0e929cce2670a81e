//! Words for commands and settings that a message gives a person to copy: whatever is in an id, nothing of it is run.

use crate::model::{Service, TaskSet};

/// A command line that does an action of one version from anywhere: groups and listeners are found by its tags.
pub(crate) fn command(action: &str, service: &Service, set: &TaskSet) -> String {
    let (flag, value) = match &set.external_id {
        Some(id) => ("deployment-id", id),
        None => ("task-set-arn", &set.arn),
    };
    let cluster = service.cluster_arn.rsplit('/').next().unwrap_or_default();
    let region = service.arn.split(':').nth(3).map_or_else(String::new, |region| format!(" --region {}", word(region)));
    let (value, cluster, service) = (word(value), word(cluster), word(&service.name));
    format!("ecs-bg {action} --{flag} {value} --cluster {cluster} --service {service}{region}")
}

/// A word that a shell takes as it is.
pub(crate) fn word(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@+".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// A string of a Jenkinsfile, in which nothing is interpolated.
pub(crate) fn groovy(text: &str) -> String {
    format!("'{}'", text.replace('\\', r"\\").replace('\'', r"\'").replace('\n', r"\n"))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_plain_stays_plain() {
        assert_eq!(word("jenkins-web-12"), "jenkins-web-12");
        assert_eq!(word("it's $(x)"), r"'it'\''s $(x)'");
        assert_eq!(word(""), "''");
        assert_eq!(groovy(r"it's \ $x"), r"'it\'s \\ $x'");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_shell_sees_the_word_and_runs_nothing(text in "[\\PC\n'\"$`();&|<>*?~!#\\\\ -]{0,20}") {
            let script = format!("printf %s {}", word(&text));
            let said = Command::new("sh").arg("-c").arg(script).output().unwrap();
            prop_assert!(said.status.success() && said.stderr.is_empty(), "{:?}", said);
            prop_assert_eq!(String::from_utf8(said.stdout).unwrap(), text);
        }
    }
}
