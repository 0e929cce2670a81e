//! Image references: `[REGISTRY/]REPOSITORY[:TAG][@DIGEST]`.

use super::arn::{is_account, is_region};

/// The code of the refusal of an image that can change behind its name. With `:CONTAINER` it is accepted for that one alone.
pub(crate) const MUTABLE_TAG: &str = "mutable-tag";

/// An image reference's parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Image {
    /// Host, with its port where it has one. Without one, Docker Hub is meant.
    pub(crate) registry: Option<String>,
    pub(crate) repository: String,
    pub(crate) tag: Option<String>,
    /// `sha256:…`
    pub(crate) digest: Option<String>,
}

/// A private ECR registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ecr {
    pub(crate) account: String,
    pub(crate) region: String,
}

impl Image {
    /// Takes a reference apart; `Err` says what is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let (name, digest) = match text.split_once('@') {
            Some((name, digest)) => (name, Some(digest)),
            None => (text, None),
        };
        if digest.is_some_and(|digest| !is_digest(digest)) {
            return Err("has a digest that is not `sha256:` and 64 hexadecimal digits");
        }
        // A colon before the last slash is the registry's port.
        let path_start = name.rfind('/').map_or(0, |slash| slash + 1);
        let colon = name.get(path_start..).and_then(|path| path.find(':')).map(|at| path_start + at);
        let (name, tag) = match colon {
            Some(at) => (name.get(..at).unwrap_or_default(), name.get(at + 1..)),
            None => (name, None),
        };
        if tag.is_some_and(|tag| !is_tag(tag)) {
            return Err("has a tag with characters that no tag has");
        }
        let (registry, repository) = match name.split_once('/') {
            Some((host, rest)) if host.contains(['.', ':']) || host == "localhost" => (Some(host), rest),
            Some(_) | None => (None, name),
        };
        if registry.is_some_and(|host| !host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':')))
        {
            return Err("has a registry that is not a host name");
        }
        if !is_repository(repository) {
            return Err("has a repository's name with characters that no repository has");
        }
        Ok(Self {
            registry: registry.map(str::to_owned),
            repository: repository.to_owned(),
            tag: tag.map(str::to_owned),
            digest: digest.map(str::to_owned),
        })
    }

    /// Whether what it means can change: no digest, and no tag or `latest`.
    pub(crate) fn is_mutable(&self) -> bool {
        self.digest.is_none() && self.tag.as_deref().is_none_or(|tag| tag == "latest")
    }

    /// The ECR registry it is in, where it is one.
    pub(crate) fn ecr(&self) -> Option<Ecr> {
        Ecr::parse(self.registry.as_deref()?)
    }
}

impl Ecr {
    /// Reads a registry's host: the classic, FIPS and dual-stack names, China's too.
    pub(crate) fn parse(host: &str) -> Option<Self> {
        let (account, rest) = host.split_once('.')?;
        let classic = || {
            let rest = rest.strip_suffix(".amazonaws.com").or_else(|| rest.strip_suffix(".amazonaws.com.cn"))?;
            rest.strip_prefix("dkr.ecr.").or_else(|| rest.strip_prefix("dkr.ecr-fips."))
        };
        let dual_stack = || {
            let rest = rest.strip_suffix(".on.aws").or_else(|| rest.strip_suffix(".on.amazonwebservices.com.cn"))?;
            rest.strip_prefix("dkr-ecr.").or_else(|| rest.strip_prefix("dkr-ecr-fips."))
        };
        let region = classic().or_else(dual_stack)?;
        (is_account(account) && is_region(region))
            .then(|| Self { account: account.to_owned(), region: region.to_owned() })
    }
}

fn is_digest(text: &str) -> bool {
    text.strip_prefix("sha256:")
        .is_some_and(|hex| hex.len() == 64 && hex.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f')))
}

/// Whether this can be a tag.
pub(super) fn is_tag(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'))
        && !text.starts_with(['.', '-'])
}

fn is_repository(text: &str) -> bool {
    text.len() <= 255
        && text.split('/').all(|part| {
            part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '.' | '-'))
                && part.starts_with(|c: char| c.is_ascii_alphanumeric())
                && part.ends_with(|c: char| c.is_ascii_alphanumeric())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (Option<String>, String, Option<String>, bool) {
        let image = Image::parse(text).unwrap();
        (image.registry, image.repository, image.tag, image.digest.is_some())
    }

    #[test]
    fn references_come_apart() {
        let digest = format!("sha256:{}", "0a".repeat(32));
        let ecr = "111122223333.dkr.ecr.eu-west-1.amazonaws.com";
        let owned = |text: &str| Some(text.to_owned());
        assert_eq!(parts("nginx"), (None, "nginx".into(), None, false));
        assert_eq!(parts("team/web:1"), (None, "team/web".into(), owned("1"), false));
        assert_eq!(parts(&format!("{ecr}/team/web:abc")), (owned(ecr), "team/web".into(), owned("abc"), false));
        assert_eq!(parts(&format!("{ecr}/web@{digest}")), (owned(ecr), "web".into(), None, true));
        assert_eq!(
            parts(&format!("localhost:5000/web:1@{digest}")),
            (owned("localhost:5000"), "web".into(), owned("1"), true)
        );
    }

    #[test]
    fn what_is_no_reference_says_why() {
        for (text, problem) in [
            ("", "repository"),
            ("Web:1", "repository"),
            ("web:", "tag"),
            ("web:a b", "tag"),
            ("web:$(id)", "tag"),
            ("web@sha256:12", "digest"),
            ("web@", "digest"),
            ("ho$t.example/web:1", "registry"),
            ("registry.example//web", "repository"),
            ("web\n:1", "repository"),
        ] {
            assert!(Image::parse(text).unwrap_err().contains(problem), "{text:?}");
        }
    }

    #[test]
    fn only_a_digest_or_a_real_tag_is_immutable() {
        let digest = format!("web:latest@sha256:{}", "0".repeat(64));
        for (text, mutable) in [("web", true), ("web:latest", true), ("web:1", false), (digest.as_str(), false)] {
            assert_eq!(Image::parse(text).unwrap().is_mutable(), mutable, "{text}");
        }
    }

    #[test]
    fn ecr_registries_give_account_and_region() {
        for host in [
            "012345678901.dkr.ecr.eu-west-1.amazonaws.com",
            "012345678901.dkr.ecr-fips.eu-west-1.amazonaws.com",
            "012345678901.dkr-ecr.eu-west-1.on.aws",
        ] {
            let ecr = Ecr::parse(host).unwrap();
            assert_eq!((ecr.account.as_str(), ecr.region.as_str()), ("012345678901", "eu-west-1"), "{host}");
        }
        assert_eq!(Ecr::parse("012345678901.dkr.ecr.cn-north-1.amazonaws.com.cn").unwrap().region, "cn-north-1");
        for host in [
            "public.ecr.aws",
            "docker.io",
            "1.dkr.ecr.eu-west-1.amazonaws.com",
            "012345678901.dkr.ecr.x.amazonaws.com",
            "012345678901.dkr.ecr.eu-west-1.amazonaws.com.evil.example",
        ] {
            assert_eq!(Ecr::parse(host), None, "{host}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_an_image_or_an_error(text in "\\PC{0,60}") {
            drop(Image::parse(&text));
        }
    }
}
