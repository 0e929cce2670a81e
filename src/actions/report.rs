//! `report`: an archived report of a deployment as files for people and programs. It needs no AWS: the same file gives the same
//! files, wherever that is done.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::Report;
use crate::config::table::{Action, REPORT};
use crate::config::{Settings, json_problem, required};
use crate::error::{Error, Result};
use crate::report::deployment::{Archive, ByHand, Drawn, Load, Unfit, VERSION, draw};
use crate::report::output::say;
use crate::report::words::bounded;
use crate::system::{file, shell};

/// What it is.
pub(super) const ACTION: Action = Action {
    name: "report",
    step: None,
    line: "Draw the archived report of a deployment: picture, page, note, test results",
    about: "Writes, beside an archived report and under its name, a picture (.svg), a page with everything in tables (.html), a note \
        for chats and tickets (.md) and test results as JUnit has them (.xml), and draws it in the log. Needs no region, no \
        credentials and no network; the same report gives the same files. With the result of a load generator, it shows what \
        users saw meanwhile.",
    takes: &[&REPORT],
    command: None,
    result: &["outcome", "summary", "files", "unknownEvents", "seen"],
    errors: &[
        ("report-unreadable", "the file is not there, cannot be read, or is too large"),
        ("report-not-json", "the file is not JSON"),
        ("not-a-report", "it is JSON, and no report of a deployment"),
        ("seen-unreadable", "what `seen` names is not there, cannot be read, or is too large"),
        ("seen-not-json", "it is not JSON"),
        ("seen-invalid", "it is JSON, and not what a load generator counts, or its counts contradict each other"),
        ("report-not-written", "a file could not be written beside it"),
    ],
    example: &[("report", "ecs-bg/web-jenkins-web-main-17.json")],
};

/// A canary of three days with a look each minute has some 15 MB.
const LARGEST: usize = 64 * 1024 * 1024;

/// Reads, draws, writes.
pub(super) fn run(settings: &Settings) -> Result<Report> {
    let path = Path::new(required(settings.report.as_ref(), "report")?);
    let mut archive = archive(path)?;
    if archive.by_hand.is_empty() {
        archive.by_hand = by_hand(&archive);
    }
    let load = settings.seen.as_deref().map(load).transpose()?;
    let Drawn { headline, seen, lines, files } = draw(&archive, load.as_ref());
    let mut written = Vec::new();
    for (extension, text) in &files {
        let file = beside(path, extension);
        if !settings.dry_run {
            file::replace(&file, text.as_bytes()).map_err(|error| {
                Error::unexpected("report-not-written", format!("cannot write {}: {error}", shown(&file)))
                    .hint("the files are written beside the report: give one that lies where this process may write")
            })?;
        }
        written.push(file.display().to_string());
    }
    lines.iter().for_each(say);
    if archive.version > VERSION {
        say(format_args!("  the report is of version {}: a newer ecs-bg may draw more of it", archive.version));
    }
    let outcome = archive.outcome;
    Ok(super::report(json!({
        "outcome": outcome, "summary": headline, "files": written, "unknownEvents": archive.unknown, "seen": seen,
    })))
}

fn archive(path: &Path) -> Result<Archive> {
    let hint = "give `report` the JSON file as the build has archived it, whole";
    let bytes = read(path).map_err(|why| {
        Error::usage("report-unreadable", format!("cannot read the report {}: {why}", shown(path))).hint(hint)
    })?;
    let archive = Archive::of(&bytes).map_err(|error| {
        let message = format!("the report {} is not JSON: {}", shown(path), problem(&bytes, &error));
        Error::usage("report-not-json", message).hint(hint)
    })?;
    archive.ok_or_else(|| {
        let message = format!("{} is no report of a deployment: it has no outcome and no deploymentId", shown(path));
        Error::usage("not-a-report", message).hint("blueGreenDeploy archives it as ecs-bg/SERVICE-ID.json")
    })
}

fn load(path: &Path) -> Result<Load> {
    let hint = "give `seen` what a load generator has written, as resources/seen.schema.json describes it";
    let bytes = read(path).map_err(|why| {
        Error::usage("seen-unreadable", format!("cannot read what users saw, {}: {why}", shown(path))).hint(hint)
    })?;
    Load::of(&bytes).map_err(|unfit| match unfit {
        Unfit::NotJson(error) => {
            let message = format!("what users saw, {}, is not JSON: {}", shown(path), problem(&bytes, &error));
            Error::usage("seen-not-json", message).hint(hint)
        }
        Unfit::Wrong(why) => {
            let message = format!("{} is not what a load generator counts: {}", shown(path), bounded(&why, 300));
            Error::usage("seen-invalid", message).hint(hint)
        }
    })
}

/// A file whole, or in words why not.
fn read(path: &Path) -> std::result::Result<Vec<u8>, String> {
    let bytes = file::read(path, LARGEST as u64).map_err(|error| {
        let is_missing = error.kind() == ErrorKind::NotFound;
        if is_missing { "there is no such file".to_owned() } else { error.to_string() }
    })?;
    if bytes.len() > LARGEST {
        return Err("it is larger than 64 MiB".to_owned());
    }
    Ok(bytes)
}

fn problem(bytes: &[u8], error: &serde_json::Error) -> String {
    format!("line {}, column {}: {}", error.line(), error.column(), json_problem(bytes, error))
}

/// The same name with another extension; of what does not end in .json the whole name, so that it is never written over.
fn beside(path: &Path, extension: &str) -> PathBuf {
    let is_json = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    if is_json {
        return path.with_extension(extension);
    }
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    PathBuf::from(name)
}

fn shown(path: &Path) -> String {
    bounded(&path.display().to_string(), 200)
}

/// What a person does where a build could not go on: reports that do not say it themselves are of a build that reached AWS
/// as this one may.
fn by_hand(archive: &Archive) -> Vec<ByHand> {
    let (Some(cluster), Some(service), Some(region), Some(id)) =
        (&archive.cluster, &archive.service, &archive.region, &archive.deployment_id)
    else {
        return Vec::new();
    };
    let command = |does: &str, action: &str| ByHand {
        does: does.to_owned(),
        command: format!(
            "ecs-bg {action} --cluster {} --service {} --region {} --deployment-id {}",
            shell::word(cluster),
            shell::word(service),
            shell::word(region),
            shell::word(id)
        ),
    };
    let was_live = archive.phase.as_deref().is_some_and(|phase| ["swap", "bake", "cleanup"].contains(&phase));
    let keep = || command("To keep it, where it is live:", "set-primary");
    match archive.outcome.as_deref() {
        Some("rollbackFailed") => vec![command("To finish the rollback by hand:", "rollback")],
        Some("kept") if was_live => vec![command("To undo it:", "rollback"), keep()],
        Some("kept") => vec![command("To undo it:", "rollback")],
        Some("unpromoted") => vec![keep(), command("To undo it:", "rollback")],
        Some(_) | None => Vec::new(),
    }
}
