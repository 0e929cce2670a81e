//! What a library's error says, for a person: each cause once, in one line of a bounded length. Never its `Debug`, which
//! is for programmers.

use std::error::Error;
use std::io;

use aws_config::meta::ProviderChainError;
use aws_credential_types::provider::error::CredentialsError;

use crate::config::bounded;

/// Whatever the causes are, a message stays one that is read.
const LONGEST: usize = 400;

/// What the SDK's layers say that is true of every failure.
const SAYS_NOTHING: [&str; 9] = [
    "dispatch failure",
    "service error",
    "io error",
    "timeout",
    "other",
    "client error (Connect)",
    "client error (SendRequest)",
    "an error occurred while loading credentials",
    "the credential provider was not enabled",
];

/// The error, and what caused it, and so on. What an [`io::Error`] wraps is not its source, but its content.
pub(super) fn chain<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| match error.downcast_ref::<io::Error>().map(io::Error::get_ref) {
        Some(inner) => inner.map(|inner| inner as &(dyn Error + 'static)),
        None => error.source(),
    })
}

/// The first of a type in the chain.
pub(super) fn find<'e, E: Error + 'static>(error: &'e (dyn Error + 'static)) -> Option<&'e E> {
    chain(error).find_map(|cause| cause.downcast_ref())
}

/// All causes, each once, in one line.
pub(super) fn of(error: &(dyn Error + 'static)) -> String {
    let mut said: Vec<String> = Vec::new();
    for cause in chain(error) {
        let text = match cause.downcast_ref::<ProviderChainError<CredentialsError>>() {
            Some(tried) => attempts(tried),
            None => one_line(&cause.to_string()),
        };
        if SAYS_NOTHING.contains(&text.as_str()) || said.iter().any(|earlier| earlier.contains(&text)) {
            continue;
        }
        said.retain(|earlier| !text.contains(earlier.as_str()));
        said.push(text);
    }
    bounded(&super::redact::without_token(&said.join(": ")), LONGEST)
}

/// What each source of credentials said.
fn attempts(tried: &ProviderChainError<CredentialsError>) -> String {
    let of_each = tried.attempts().iter().map(|attempt| match of(attempt.error()) {
        why if why.is_empty() => format!("{}: nothing there", attempt.name()),
        why => format!("{}: {why}", attempt.name()),
    });
    of_each.collect::<Vec<_>>().join("; ")
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("{0}")]
    struct Layer(&'static str, #[source] Option<Box<Layer>>);

    fn said(layers: &[&'static str]) -> String {
        let mut error = None;
        for text in layers.iter().rev() {
            error = Some(Box::new(Layer(text, error)));
        }
        of(&*error.unwrap())
    }

    #[test]
    fn each_cause_is_said_once_in_one_line_of_a_bounded_length() {
        for (layers, expected) in [
            (&["dispatch failure", "io error", "refused"][..], "refused"),
            (&["loading: it broke", "it broke"], "loading: it broke"),
            (&["it broke", "because it broke"], "because it broke"),
            (&["a", "two\nlines\tand more"], "two lines and more"),
            (&["cannot load", "no file", "no file"], "cannot load: no file"),
            (&["dispatch failure"], ""),
            (&["x-amz-security-token:IQo"], "x-amz-security-token:(redacted)"),
        ] {
            assert_eq!(said(layers), expected);
        }
        let long: &'static str = "x".repeat(5_000).leak();
        assert_eq!(said(&[long]).chars().count(), LONGEST + 1);
    }

    #[test]
    fn what_an_io_error_wraps_is_a_cause() {
        let error = io::Error::other(Layer("wrapped", Some(Box::new(Layer("its cause", None)))));
        assert_eq!(of(&error), "wrapped: its cause");
        assert!(find::<Layer>(&error).is_some());
    }
}
