//! `ecr-login`: a token of the image's own registry, straight into `docker login`; and a build or push that runs only
//! where the image is not in its repository yet.

use std::ffi::OsString;

use serde_json::{Value, json};
use tokio::process::Command;

use super::Report;
use crate::config::table::{Action, CONNECTION, IMAGE, REPOSITORY};
use crate::config::{Ecr, Image, MUTABLE_TAG, PARAMS, Settings};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::report::output::say;
use crate::report::words::quoted;
use crate::system::process::{self, End};

/// What it is.
pub(super) const ACTION: Action = Action {
    name: "ecr-login",
    step: None,
    line: "Log docker in to the image's ECR registry; with COMMAND, run it unless the image is there already",
    about: "Logs docker in to the registry of the image's own account and region; the token goes straight to docker's standard \
        input. A command that builds or pushes is run only where the image is not in its repository yet.",
    takes: &[&IMAGE, &REPOSITORY, &CONNECTION],
    command: Some("Run this, with the image's names in its environment, unless the image is in its repository already"),
    result: &["registry", "account", "region", "image"],
    errors: &[
        ("not-ecr", "the image is in no ECR registry"),
        ("repository-not-found", "there is no such repository"),
        ("docker-login-failed", "docker would not log in; its own words are in the log"),
        ("command-failed", "the command failed; its own words are in the log"),
    ],
    example: &[("repository", "web"), ("region", "eu-west-1")],
};

/// Runs the action. `command` is what follows `--`.
pub(crate) async fn run(cx: &Context, command: &[OsString]) -> Result<Report> {
    let wanted = wanted(cx).await?;
    if !command.is_empty() {
        check_buildable(cx, wanted.image.as_ref())?;
    }
    let Wanted { registry, host, image } = &wanted;
    let digest = match image {
        Some(image) => cx.aws.image_digest(registry, image).await?,
        None => None,
    };
    if cx.dry_run() {
        let would_run = !command.is_empty() && digest.is_none();
        let mut report = wanted.report(digest.as_deref(), false);
        report.insert("plan".into(), json!({ "login": true, "command": would_run }));
        return Ok(report);
    }
    log_in(cx, &registry.region, host).await?;
    let (Some(image), false) = (image, command.is_empty()) else { return Ok(wanted.report(digest.as_deref(), false)) };
    if digest.is_some() {
        say(format_args!("{}: it is there, nothing is built or pushed", wanted.reference()));
        return Ok(wanted.report(digest.as_deref(), false));
    }
    perform(cx, &wanted, image, command).await?;
    let digest = cx.aws.image_digest(registry, image).await?;
    if digest.is_some() {
        cx.aws.note_change();
    }
    Ok(wanted.report(digest.as_deref(), true))
}

/// A registry, and the image in it, where one was named.
struct Wanted {
    registry: Ecr,
    host: String,
    image: Option<Image>,
}

impl Wanted {
    fn reference(&self) -> String {
        let Some(image) = &self.image else { return self.host.clone() };
        let tag = image.tag.as_ref().map_or_else(String::new, |tag| format!(":{tag}"));
        let digest = image.digest.as_ref().map_or_else(String::new, |digest| format!("@{digest}"));
        format!("{}/{}{tag}{digest}", self.host, image.repository)
    }

    fn report(&self, digest: Option<&str>, command_run: bool) -> Report {
        let image = self.image.as_ref().map(|_| {
            json!({ "reference": self.reference(), "digest": digest, "found": digest.is_some(), "commandRun": command_run })
        });
        super::report(json!({
            "registry": self.host,
            "account": self.registry.account,
            "region": self.registry.region,
            "image": image.unwrap_or(Value::Null),
        }))
    }
}

/// The image: the one given, or the repository with a tag, which is the git commit unless it is given.
async fn wanted(cx: &Context) -> Result<Wanted> {
    let settings = &cx.settings;
    let identity = cx.aws.identity().await?;
    let mut image = match (&settings.version.image, &settings.repository) {
        (Some(image), _) => Some(parsed("image", image)?),
        (None, Some(repository)) => {
            let mut image = parsed("repository", repository)?;
            image.tag = Some(match &settings.image_tag {
                Some(tag) => tag.clone(),
                None => commit(cx).await?,
            });
            Some(image)
        }
        (None, None) => None,
    };
    let host = match image.as_mut().and_then(|image| image.registry.clone()) {
        Some(host) => host,
        None if settings.version.image.is_some() => return Err(not_ecr(settings)),
        None => own_registry(&identity.account, cx.aws.region()),
    };
    let registry = Ecr::parse(&host).ok_or_else(|| not_ecr(settings))?;
    Ok(Wanted { registry, host, image })
}

fn parsed(key: &str, text: &str) -> Result<Image> {
    Image::parse(text).map_err(|problem| {
        Error::usage("malformed-image", format!("`{key}` {problem}"))
            .hint("write REGISTRY/REPOSITORY:TAG, as 111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1f3c2a")
    })
}

fn not_ecr(settings: &Settings) -> Error {
    let named = settings.version.image.as_ref().or(settings.repository.as_ref()).cloned().unwrap_or_default();
    Error::usage("not-ecr", format!("{} is not in an ECR registry", quoted(&named)))
        .hint("ecr-login is for ACCOUNT.dkr.ecr.REGION.amazonaws.com; log in to other registries with docker itself")
}

fn own_registry(account: &str, region: &str) -> String {
    let china = if region.starts_with("cn-") { ".cn" } else { "" };
    format!("{account}.dkr.ecr.{region}.amazonaws.com{china}")
}

/// Where Jenkins says which commit it has checked out.
const GIT_COMMIT: &str = "GIT_COMMIT";

/// The commit that is checked out, as `git` says; where git cannot, as Jenkins says. In a pod, say, the checkout is
/// another user's, or git is in another container.
async fn commit(cx: &Context) -> Result<String> {
    let mut git = Command::new("git");
    git.args(["rev-parse", "HEAD"]);
    let refusal = match process::output(git, &cx.interrupt).await? {
        Ok(said) if is_commit(said.trim()) => return Ok(said.trim().to_owned()),
        Ok(said) => format!("it says {}", quoted(said.trim())),
        Err(words) => words,
    };
    let given = std::env::var_os(GIT_COMMIT).map(|given| given.to_string_lossy().trim().to_owned());
    let told = match given.filter(|given| !given.is_empty()) {
        Some(commit) if is_commit(&commit) => {
            say(format_args!(
                "git names no commit here ({refusal}): the tag is {GIT_COMMIT} of the environment, {commit}"
            ));
            return Ok(commit);
        }
        Some(other) => format!("; {GIT_COMMIT} of the environment is none either: {}", quoted(&other)),
        None => String::new(),
    };
    Err(Error::usage(
        "no-tag",
        format!("`tag` is missing, and `git rev-parse HEAD` names no commit here: {refusal}{told}"),
    )
    .hint("run it in a git checkout that git may read, or give `tag`, or set GIT_COMMIT"))
}

/// A commit's whole id, SHA-1 or SHA-256. An abbreviation may come to mean another one.
fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|c| c.is_ascii_hexdigit())
}

/// What is built must have a name of its own: a tag that stays.
fn check_buildable(cx: &Context, image: Option<&Image>) -> Result<()> {
    let Some(image) = image else {
        return Err(Error::usage("missing-parameter", "neither `image` nor `repository` says what the command builds")
            .hint("give `repository` (the tag is the git commit), or the whole `image`"));
    };
    if image.tag.is_none() && image.digest.is_some() {
        return Err(Error::usage("bad-image", "`image` is a digest, and what is built or pushed needs a tag")
            .hint("give `repository`, or `image` with a tag"));
    }
    if image.is_mutable() {
        cx.refuse(
            Error::refused(MUTABLE_TAG, format!("{} can change behind its name", image.repository))
                .hint("tag it with the git commit: give `repository` without `tag`"),
        )?;
    }
    Ok(())
}

/// The token goes from AWS's reply into docker's standard input: never into an argument, a file of ours, or a line.
async fn log_in(cx: &Context, region: &str, host: &str) -> Result<()> {
    let password = cx.aws.registry_password(region).await?;
    let mut docker = Command::new("docker");
    docker.args(["login", "--username", "AWS", "--password-stdin", host]).env_remove(PARAMS);
    let failed = |what: String| {
        Error::unexpected("docker-login-failed", what).hint("docker's own words are above; is its daemon running here?")
    };
    match process::run(docker, password.bytes(), &cx.interrupt).await {
        Ok(End::Exited(status)) if status.success() => Ok(()),
        Ok(End::Exited(status)) => Err(failed(format!("docker login to {host} failed: {status}"))),
        Ok(End::Interrupted(error)) => Err(error),
        Err(error) => Err(cannot_run("docker", &error)),
    }
}

fn cannot_run(program: &str, error: &std::io::Error) -> Error {
    let program = quoted(program);
    Error::usage("cannot-run", format!("{program} cannot be run: {error}")).hint(format!(
        "install {program} on this agent, or run the step on one that has it; it is looked for on the PATH"
    ))
}

/// Runs the command that builds or pushes.
async fn perform(cx: &Context, wanted: &Wanted, image: &Image, command: &[OsString]) -> Result<()> {
    let [program, arguments @ ..] = command else { return Ok(()) };
    let name = program.to_string_lossy();
    let mut child = Command::new(program);
    child
        .args(arguments)
        .env_remove(PARAMS)
        .env("ECS_BG_IMAGE", wanted.reference())
        .env("REGISTRY", &wanted.host)
        .env("REPO_NAME", &image.repository)
        // A Makefile tags with this: it is the tag that was looked for, which is the commit unless `tag` was given.
        .env("GIT_COMMIT", image.tag.as_deref().unwrap_or("latest"))
        .env("AWS_ACCOUNT_NUMBER", &wanted.registry.account)
        .env("REGION", &wanted.registry.region);
    match process::run(child, b"", &cx.interrupt).await {
        Ok(End::Exited(status)) if status.success() => Ok(()),
        Ok(End::Exited(status)) => {
            // A push that failed may have pushed all the same.
            cx.aws.note_change();
            Err(Error::unexpected("command-failed", format!("{} failed: {status}", quoted(&name)))
                .hint("its own words are above"))
        }
        Ok(End::Interrupted(error)) => {
            cx.aws.note_change();
            Err(error)
        }
        Err(error) => Err(cannot_run(&name, &error)),
    }
}
