//! What the Jenkins library's steps use themselves, and what holds for every action.

use super::{Given, Group, Kind, Section, parameter};

const DEPLOY: Given = Given::Step(Some(&["blueGreenDeploy"]));

/// `preflight` checks and resolves them.
pub(crate) const QUESTIONS: Group = Group {
    section: Section::Pipeline,
    given: DEPLOY,
    parameters: &[
        parameter("approve", Kind::Question, "Who may swap, and until when; `false`: do not ask").otherwise("ask"),
        parameter("approve.message", Kind::Text, "The question, in one line; the facts follow")
            .default("Swap live traffic to the new version?"),
        parameter("approve.submitter", Kind::People, "Who may answer: users or groups").otherwise("whoever may build"),
        parameter("approve.submitterParameter", Kind::Text, "Name of the input's result; the report has `approver`")
            .otherwise("approver"),
        parameter(
            "approve.timeout",
            Kind::Duration(1000),
            "How long to wait for an answer; then the new version is removed",
        )
        .default("24h"),
        parameter("cleanup", Kind::Group, "What becomes of the previous version"),
        parameter(
            "cleanup.bake",
            Kind::Duration(0),
            "How long the previous version stands by, and any failure goes back to it",
        )
        .default("10m"),
        parameter(
            "cleanup.approve",
            Kind::Question,
            "As `approve`, after the bake: Delete, Keep, Roll back; `false`: delete",
        )
        .otherwise("ask"),
        parameter("cleanup.approve.message", Kind::Text, "That question")
            .default("The new version is live. Delete the previous one?"),
        parameter("cleanup.approve.submitter", Kind::People, "Who may answer it").otherwise("whoever may build"),
        parameter("cleanup.approve.submitterParameter", Kind::Text, "As above; the report has `cleanupApprover`")
            .otherwise("approver"),
        parameter("cleanup.approve.timeout", Kind::Duration(1000), "How long to wait; then both versions are kept")
            .default("24h"),
        parameter(
            "cleanup.previous",
            Kind::OneOf(&["delete", "keep"]),
            "Whether it goes; kept, the next deployment removes it",
        )
        .default("delete"),
        parameter("cleanup.deregister", Kind::Bool, "Whether its task definition becomes INACTIVE, too")
            .default("false"),
        parameter("onFailure", Kind::OneOf(&["rollback", "keep"]), "What a failure does; `keep` undoes nothing")
            .default("rollback"),
    ],
};

pub(crate) const HOOKS: Group = Group {
    section: Section::Pipeline,
    given: DEPLOY,
    parameters: &[
        parameter("checkout", Kind::Bool, "Before preflight: `checkout scm`, or `{ unstash 'x' }`")
            .otherwise("true outside `node`"),
        parameter(
            "validate",
            Kind::Hook,
            "Called with the report when ECS_BG_TEST_URL leads to the new version; if it throws, that is removed",
        ),
        parameter("notify", Kind::Hook, "Called with the report at every end; its own failure only warns"),
    ],
};

pub(crate) const AGENT: Group = Group {
    section: Section::Pipeline,
    given: Given::Step(None),
    parameters: &[
        parameter(
            "agent",
            Kind::Agent,
            "Where to run when called outside `node`: a label, or `{ work -> node('x') { work() } }`",
        )
        .otherwise("any agent"),
        parameter("helper", Kind::Text, "Path of the `ecs-bg` to use")
            .otherwise("ECS_BG_HELPER, the PATH, this user's copy"),
        parameter(
            "helperUrl",
            Kind::Text,
            "Where agents fetch it, with `{version}`, `{system}`, `{processor}`; for a Jenkinsfile, not for a file",
        )
        .otherwise("ECS_BG_URL, the library's own"),
    ],
};

pub(crate) const BUILDING: Group = Group {
    section: Section::Image,
    given: Given::Step(Some(&["ecsBuildImage"])),
    parameters: &[
        parameter("context", Kind::Path, "Docker's build context, where no makefile builds").otherwise("."),
        parameter("dockerfile", Kind::Path, "Dockerfile, where no makefile builds").otherwise("docker's"),
    ],
};

pub(crate) const MAKEFILE: Group = Group {
    section: Section::Image,
    given: Given::Step(Some(&["ecsBuildImage", "ecsPushImage"])),
    parameters: &[parameter(
        "makefile",
        Kind::Path,
        "File in which the targets `build-image` and `push-image` are looked for",
    )
    .otherwise("Makefile")],
};

pub(crate) const OPTIONS: Group = Group {
    section: Section::Every,
    given: Given::Option,
    parameters: &[
        parameter(
            "config",
            Kind::Files,
            "Files of parameters: YAML, JSON, Makefile.env; the later wins, what is given beside them over all",
        ),
        parameter("allow", Kind::Codes, "Codes of refusals where it goes on all the same"),
        parameter("dryRun", Kind::Bool, "Say what would be done, and send no mutating call").otherwise("false"),
    ],
};
