//! The same as test results: `JUnit`'s XML, which Jenkins shows as a trend. The deployment itself, each stage, and each gate of
//! each step is a test case; a gate that could not tell is skipped.

use super::archive::{Verdict, What, millis};
use super::ink::clip;
use super::markup::Markup;
use super::story::Story;
use super::story::ending::Tone;

/// More cases are no report any more.
const CASES: usize = 400;

/// A text's longest, about.
const TEXT: f64 = 600.0;

struct Case {
    group: &'static str,
    name: String,
    millis: i64,
    end: End,
    /// What is to be said beside it.
    told: String,
}

enum End {
    Passed,
    Skipped(String),
    Failed(String),
}

pub(super) fn junit(story: &Story<'_>) -> String {
    let mut cases = vec![whole(story)];
    cases.extend(stages(story));
    cases.extend(gates(story));
    let left_out = cases.len().saturating_sub(CASES);
    cases.truncate(CASES);
    let count = |is: fn(&End) -> bool| cases.iter().filter(|case| is(&case.end)).count();
    let mut xml = Markup::default();
    xml.put("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    xml.tag("testsuites").holding(|xml| {
        let suite = xml
            .tag("testsuite")
            .set("name", name(story))
            .set("tests", cases.len())
            .set("failures", count(|end| matches!(end, End::Failed(_))))
            .set("errors", 0)
            .set("skipped", count(|end| matches!(end, End::Skipped(_))))
            .set("time", seconds(story.took().unwrap_or_default()));
        let suite = match story.span.and_then(|(begin, _)| story.clock.stamp(begin)) {
            Some(stamp) => suite.set("timestamp", stamp),
            None => suite,
        };
        suite.holding(|xml| {
            xml.put("\n");
            for case in &cases {
                case.write(xml, story);
            }
            if left_out > 0 {
                xml.tag("system-out").text(format!("{left_out} more cases are left out; they are in the JSON"));
            }
        });
    });
    let mut text = xml.finish();
    text.push('\n');
    text
}

fn name(story: &Story<'_>) -> String {
    format!("ecs-bg {}", clip(story.service(), 1.0, 200.0))
}

fn seconds(millis: i64) -> String {
    format!("{}.{:03}", millis / 1000, millis % 1000)
}

impl Case {
    fn write(&self, xml: &mut Markup, story: &Story<'_>) {
        let class = format!("{}.{}", name(story).replace('.', "_"), self.group);
        xml.tag("testcase")
            .set("classname", class)
            .set("name", clip(&self.name, 1.0, TEXT))
            .set("time", seconds(self.millis))
            .holding(|xml| {
                match &self.end {
                    End::Passed => {}
                    End::Skipped(why) => xml.tag("skipped").set("message", clip(why, 1.0, TEXT)).empty(),
                    End::Failed(why) => {
                        let why = clip(why, 1.0, TEXT);
                        xml.tag("failure").set("message", &why).set("type", self.group).text(&why);
                    }
                }
                if !self.told.is_empty() {
                    xml.tag("system-out").text(clip(&self.told, 1.0, TEXT));
                }
            });
        xml.put("\n");
    }
}

fn whole(story: &Story<'_>) -> Case {
    let facts: Vec<String> = story.ending.facts.iter().map(|(label, text)| format!("{label}: {text}")).collect();
    let why = story.ending.facts.iter().find(|(label, _)| *label == "why").map_or("", |(_, text)| text.as_str());
    let end = match story.ending.tone {
        Tone::Good | Tone::Doubt => End::Passed,
        Tone::Bad if why.is_empty() => End::Failed(story.ending.sentence.clone()),
        Tone::Bad => End::Failed(format!("{}: {why}", story.ending.sentence)),
    };
    let told = facts.join("; ");
    Case { group: "deployment", name: "deployment".to_owned(), millis: story.took().unwrap_or_default(), end, told }
}

fn stages<'a>(story: &'a Story<'_>) -> impl Iterator<Item = Case> + 'a {
    story.stages.iter().map(|stage| {
        let why = stage.failure.map_or(stage.state.word(), |failure| failure.message.as_str());
        let end = if stage.state.is_bad() { End::Failed(why.to_owned()) } else { End::Passed };
        let told = stage.question.map_or_else(String::new, super::story::ending::answer);
        Case { group: "stage", name: stage.name.to_owned(), millis: stage.to - stage.from, end, told }
    })
}

/// A gate in a step ends as its last look did.
fn gates(story: &Story<'_>) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut known = std::collections::HashMap::new();
    for event in &story.archive.events {
        let What::Look(look) = &event.what else { continue };
        for gate in &look.gates {
            let at = *known.entry((look.step.as_str(), gate.name.as_str())).or_insert(cases.len());
            let failed = format!("{}: {}", gate.verdict.word(), gate.words);
            let end = match gate.verdict {
                Verdict::Pass => End::Passed,
                Verdict::Fail if gate.dry_run => End::Skipped(format!("a dry run, which decides nothing: {failed}")),
                Verdict::Inconclusive => End::Skipped(failed),
                Verdict::Fail => End::Failed(failed),
            };
            let name = format!("{}: {}", look.step, gate.name);
            let case = Case { group: "gate", name, millis: millis(0.0), end, told: gate.notes.join("; ") };
            match cases.get_mut(at) {
                Some(known) => *known = case,
                None => cases.push(case),
            }
        }
    }
    cases
}
