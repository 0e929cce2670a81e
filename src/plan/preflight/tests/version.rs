use super::*;

#[test]
fn the_version_must_be_able_to_run() {
    fn image(case: &mut Case, name: &str) {
        case.version().images.insert("web".into(), name.to_owned());
    }
    fn stored(case: &mut Case, state: Stored) {
        case.version().stored = vec![StoredImage { reference: "web:2".into(), state }];
    }
    check(&[
        ("no tag", |case| image(case, "web"), &["?mutable-tag"]),
        ("latest", |case| image(case, "web:latest"), &["?mutable-tag"]),
        (
            "latest, allowed for this container",
            |case| {
                image(case, "web:latest");
                case.settings.allow = vec!["mutable-tag:web".into()];
            },
            &["mutable-tag"],
        ),
        (
            "latest, allowed for another container",
            |case| {
                image(case, "web:latest");
                case.settings.allow = vec!["mutable-tag:log-router".into()];
            },
            &["?mutable-tag"],
        ),
        (
            "latest, as it runs already",
            |case| {
                image(case, "web:latest");
                case.version().kept = case.version().images.clone();
            },
            &["mutable-tag"],
        ),
        (
            "latest, in a revision that exists",
            |case| {
                image(case, "web:latest");
                case.version().existing = Some("web:1".into());
                case.version().kept = case.version().images.clone();
            },
            &["mutable-tag"],
        ),
        ("an image that is there", |case| stored(case, Stored::Found(Some("sha256:1".into()))), &[]),
        ("an image that is not", |case| stored(case, Stored::Missing("gone".into())), &["?image-not-found"]),
        ("an image that cannot be seen", |case| stored(case, Stored::Unread("denied".into())), &["image-unchecked"]),
        ("an image elsewhere", |case| stored(case, Stored::Elsewhere), &[]),
        ("an unknown container", |case| case.new_set().container_name = "api".into(), &["!unknown-container"]),
        ("an unknown port", |case| case.new_set().container_port = 81, &["!unknown-port"]),
        ("no subnets", |case| case.new_set().has_subnets = false, &["!network-mode"]),
        (
            "subnets for nothing, and targets of another type",
            |case| drop(case.version().definition.remove("networkMode")),
            &["!network-mode", "!target-type", "!target-type"],
        ),
        (
            "targets of another type",
            |case| {
                for group in &mut case.traffic().target_groups {
                    group.target_type = Some("instance".into());
                }
            },
            &["!target-type", "!target-type"],
        ),
        ("a task set that cannot be put together", |case| case.version().task_set = None, &[]),
    ]);
}

#[test]
fn a_deployment_that_has_begun_with_other_content_is_another_one() {
    let differs = || vec!["subnets: it has [\"a\"], this would have [\"b\"]".to_owned()];
    for (resumed, codes) in [(vec![], vec![]), (differs(), vec!["!content-differs"])] {
        let mut case = Case::new();
        case.sets(vec![primary(), set("new", Green, 20, Active)]);
        case.facts.resumed = resumed;
        assert_eq!(case.codes(), codes);
    }
    // Of another deployment that is known already, and of none.
    let mut case = Case::new();
    case.facts.resumed = differs();
    assert_eq!(case.codes(), Vec::<String>::new());
}
