//! References to container images.

use crate::error::{Error, Result};
use crate::template::quoted;

/// Whether what the reference names can change: no digest, and no tag or `latest`.
pub(crate) fn is_mutable(reference: &str) -> bool {
    !reference.contains('@') && tag(reference).is_none_or(|tag| tag.is_empty() || tag == "latest")
}

/// The tag, where there is one. The colon of a registry's port stands before the last slash.
pub(crate) fn tag(reference: &str) -> Option<&str> {
    let name = reference.split('@').next().unwrap_or_default();
    let last = name.rsplit('/').next().unwrap_or_default();
    last.split_once(':').map(|(_, tag)| tag)
}

/// The digest, where there is one.
pub(crate) fn digest(reference: &str) -> Option<&str> {
    reference.split_once('@').map(|(_, digest)| digest)
}

/// A reference that no registry can hold is a mistake in a parameter.
pub(crate) fn check(key: &str, reference: &str) -> Result<()> {
    let strange = |c: char| !c.is_ascii_graphic() || "\"'`$(){}[]<>|;&\\*?!^~#%,=".contains(c);
    if reference.is_empty() || reference.len() > 4096 || reference.contains(strange) {
        return Err(Error::usage("bad-image", format!("`{key}`: {} is not the name of an image", quoted(reference)))
            .hint("write REGISTRY/REPOSITORY:TAG or REGISTRY/REPOSITORY@sha256:…"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tag_and_digest_are_told_from_a_registrys_port() {
        for (reference, expected_tag, mutable) in [
            ("web", None, true),
            ("web:latest", Some("latest"), true),
            ("web:", Some(""), true),
            ("registry:5000/team/web", None, true),
            ("registry:5000/team/web:1.2", Some("1.2"), false),
            ("111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:abc", Some("abc"), false),
            ("web@sha256:00ff", None, false),
            ("web:latest@sha256:00ff", Some("latest"), false),
        ] {
            assert_eq!((tag(reference), is_mutable(reference)), (expected_tag, mutable), "{reference}");
        }
        assert_eq!(digest("web:1@sha256:00ff"), Some("sha256:00ff"));
    }

    #[test]
    fn what_a_shell_would_obey_is_no_image() {
        for reference in ["", "a b", "a\n", "$(id)", "a;b", "a`b`", "\u{fc}"] {
            assert_eq!(check("image", reference).expect_err("bad").code, "bad-image", "{reference}");
        }
        check("image", "registry:5000/team/web_x-y.z:1.2@sha256:00ff").unwrap();
    }
}
