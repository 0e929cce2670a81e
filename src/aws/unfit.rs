//! Credentials that cannot be sent: what is wrong with them, and never their value.

use aws_credential_types::Credentials;
use aws_credential_types::provider;
use aws_credential_types::provider::error::CredentialsError;

use crate::error::{Error, Kind};

/// Credentials that can be sent, as they came.
pub(super) fn look(credentials: Credentials) -> provider::Result {
    let parts = [
        ("access key id", Some(credentials.access_key_id())),
        ("secret access key", Some(credentials.secret_access_key())),
        ("session token", credentials.session_token()),
    ];
    let unfit = parts.into_iter().find_map(|(part, value)| Some(Unfit { part, fault: fault(value?)? }));
    match unfit {
        Some(unfit) => Err(CredentialsError::invalid_configuration(unfit)),
        None => Ok(credentials),
    }
}

/// Credentials that cannot be sent, or that nobody was given so. The value is in no message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the {part} {fault}")]
pub(super) struct Unfit {
    part: &'static str,
    fault: String,
}

impl Unfit {
    /// The error that the user sees.
    pub(super) fn error(&self) -> Error {
        Error::new(Kind::Credentials, "credentials-invalid", format!("the AWS credentials cannot be used: {self}")).hint(
            "set it again where it comes from (the AWS_* variables, the profile, the credential process), exactly as AWS gave \
             it; a secret that was read from a file often has the file's line end",
        )
    }
}

/// What is wrong with a key, secret or token: AWS makes them of printable ASCII.
fn fault(value: &str) -> Option<String> {
    if value.is_empty() {
        return Some("is empty".to_owned());
    }
    let (at, bad) = value.char_indices().find(|(_, c)| !c.is_ascii_graphic())?;
    let what = match bad {
        '\n' | '\r' => "a line end",
        ' ' => "a space",
        '\t' => "a tab",
        c if c.is_ascii() => "a control character",
        _ => "a character that is not ASCII",
    };
    let to_the_end = value.get(at..).is_some_and(|rest| rest.chars().all(|c| !c.is_ascii_graphic()));
    Some(match at {
        0 => format!("begins with {what}"),
        _ if to_the_end => format!("ends with {what}"),
        _ => format!("has {what} in it"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_said_and_the_value_is_not() {
        for (value, expected) in [
            ("AKIAEXAMPLE", None),
            ("IQoJb3JpZ2luX2VjE/+=", None),
            ("", Some("is empty")),
            ("AKIA\n", Some("ends with a line end")),
            ("AKIA\r\n", Some("ends with a line end")),
            ("\nAKIA", Some("begins with a line end")),
            ("AK\nIA", Some("has a line end in it")),
            (" AKIA", Some("begins with a space")),
            ("AKIA\t", Some("ends with a tab")),
            ("AK\u{0}IA", Some("has a control character in it")),
            ("AK\u{7f}", Some("ends with a control character")),
            ("AKIÄ", Some("ends with a character that is not ASCII")),
            ("AK\u{200b}IA", Some("has a character that is not ASCII in it")),
            ("\n", Some("begins with a line end")),
        ] {
            assert_eq!(fault(value).as_deref(), expected, "{value:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_passes_can_be_a_header(value in "\\PC{0,8}[\\x00-\\x7f]{0,4}") {
            let passes = fault(&value).is_none();
            proptest::prop_assert_eq!(passes, !value.is_empty() && value.bytes().all(|b| (0x21..=0x7e).contains(&b)));
        }
    }
}
