//! Words for commands and settings that a message gives a person to copy: whatever is in an id, nothing of it is run.

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
