use serde_json::json;

use super::*;

fn read(name: &str, text: &[u8]) -> Result<Layer> {
    load(Path::new(name), &|_: &Path| Ok(text.to_vec()))
}

fn map(name: &str, text: &str) -> Value {
    Value::Object(read(name, text.as_bytes()).unwrap().map)
}

fn error(name: &str, text: &[u8]) -> Error {
    read(name, text).unwrap_err()
}

#[test]
fn yaml_and_json_are_the_same_parameters() {
    let expected = json!({"cluster": "prod", "targetGroups": {"blue": "b"}, "scale": 50, "subnets": ["a", "b"]});
    assert_eq!(map("a.yml", "cluster: prod\ntargetGroups:\n  blue: b\nscale: 50\nsubnets: [a, b]\n"), expected);
    assert_eq!(map("A.JSON", &expected.to_string()), expected);
    assert_eq!(map("a.yaml", &format!("\u{feff}{expected}")), expected);
    assert_eq!(map("a.yml", "# nothing yet\n"), json!({}));
    assert_eq!(map("a.yml", ""), json!({}));
    assert_eq!(
        map("a.yml", "a: &x\n  k: 1\nb: *x\nc:\n  <<: *x\n"),
        json!({"a": {"k": 1}, "b": {"k": 1}, "c": {"k": 1}})
    );
}

#[test]
fn yaml_guesses_nothing() {
    let text = "a: 012345678901\nb: no\nc: on\nd: 1_000\ne: '1.10'\nf: 2026-01-31\ng: ~\nh: true\n";
    let expected = json!({
        "a": "012345678901", "b": "no", "c": "on", "d": "1_000", "e": "1.10", "f": "2026-01-31", "g": null, "h": true,
    });
    assert_eq!(map("a.yml", text), expected);
}

#[test]
fn errors_have_file_and_line() {
    for (name, text, place) in [
        ("d/a.yml", "cluster: prod\n  service: x\n", "d/a.yml:2"),
        ("a.yml", "a: 1\nb: [1\n", "a.yml:"),
        ("a.yml", "a: 1\nb: 2\na: 3\n", "a.yml:3"),
        ("a.yml", "a: 1\n---\nb: 2\n", "a.yml:"),
        ("a.yml", "a: !ruby/object x\n", "a.yml:1"),
        ("a.yml", "a: *nobody\n", "a.yml:1"),
        ("a.yml", "a:\n\tb: 1\n", "a.yml:2"),
        ("a.json", "{\n  \"a\": 1,\n}", "a.json:3"),
        ("a.json", "", "a.json:1"),
        ("a.json", "{\"a\": 1} x", "a.json:1"),
        ("a.env", "A=1\nB=\\u12\n", "a.env:2"),
    ] {
        let error = error(name, text.as_bytes());
        assert_eq!(error.code, "config-syntax", "{text}: {error:?}");
        assert!(error.message.starts_with(place), "{text}: {}", error.message);
        assert!(error.hint.is_some());
    }
    let error = error("a.yml", b"a: 1\nb: \xff\n");
    assert_eq!(error.message, "a.yml:2: not UTF-8");
}

#[test]
fn yaml_is_complained_of_in_the_words_of_who_wrote_it() {
    for (text, words) in [
        ("a: 1\n---\nb: 2\n", "a second YAML document begins here (after `---`)"),
        ("a: 1\nb: 2\na: 3\n", "`a` is given twice"),
        ("a: &a [*a]\n", "an alias stands for what it is a part of"),
        ("a: *nobody\n", "an alias (`*…`) of an anchor (`&…`) that is not above it"),
        ("? [a]\n: b\n", "a name is needed as the key"),
        ("null: 1\n", "a name is needed as the key"),
        ("a: !!int x\n", "the value is not what its tag (`!!…`) says"),
        ("a: b: c\n", "no `key: value` can stand here"),
        ("a: !ruby/object x\n", "unsupported tag `!ruby/object`"),
    ] {
        let error = error("a.yml", text.as_bytes());
        let (_, said) = error.message.split_once(": ").unwrap();
        assert!(said.starts_with(words), "{text}: {said}");
        assert!(!said.contains(" at line "), "the place stands before it: {said}");
    }
    let inner = vec!["*a"; 150].join(", ");
    let laughs = format!("a: &a [{}1]\nb: &b [{inner}]\nc: [*b, *b]\n", "1, ".repeat(200));
    for many in ["- ".repeat(50_000), laughs] {
        let said = error("a.yml", many.as_bytes()).message;
        assert!(said.ends_with("it is too large, nested too deeply, or has too many anchors and aliases"), "{said}");
    }
}

#[test]
fn what_is_no_map_or_no_known_file_is_an_error() {
    for (name, text, code) in [
        ("a.yml", "- 1\n", "config-syntax"),
        ("a.json", "[]", "config-syntax"),
        ("a.yml", "just words", "config-syntax"),
        ("a.toml", "a = 1", "config-format"),
        ("", "a", "config-format"),
    ] {
        assert_eq!(error(name, text.as_bytes()).code, code, "{name} {text}");
    }
    let absent = load(Path::new("x.yml"), &|_: &Path| Err(io::Error::from(io::ErrorKind::NotFound))).unwrap_err();
    assert_eq!(absent.code, "config-not-found");
    assert!(absent.message.contains("x.yml"));
    let denied =
        load(Path::new("x.yml"), &|_: &Path| Err(io::Error::from(io::ErrorKind::PermissionDenied))).unwrap_err();
    assert_eq!(denied.code, "config-unreadable");
}

#[test]
fn bombs_do_not_go_off() {
    use std::fmt::Write as _;

    let mut laughs = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n".to_owned();
    for n in 1..12 {
        let inner = vec![format!("*a{}", n - 1); 9].join(", ");
        writeln!(laughs, "a{n}: &a{n} [{inner}]").unwrap();
    }
    let deep_yaml = "[".repeat(5_000);
    let deep_block = (0..100).map(|n| " ".repeat(n) + "a:\n").collect();
    let dashes = "- ".repeat(50_000);
    let anchors = (0..5_000).map(|n| ["k", "x"].map(|name| format!("{name}{n}")).join(": &") + " v\n").collect();
    let documents = "---\n".repeat(10_000);
    for bomb in [laughs, deep_yaml, deep_block, dashes, anchors, documents] {
        assert_eq!(
            error("a.yml", bomb.as_bytes()).code,
            "config-syntax",
            "{}",
            bomb.chars().take(40).collect::<String>()
        );
    }
    assert_eq!(error("a.json", "[".repeat(100_000).as_bytes()).code, "config-syntax");
    assert_eq!(error("a.yml", &vec![b'a'; LARGEST + 1]).code, "config-too-large");
}

#[test]
fn keys_have_lines() {
    let yaml = "# first\ncluster: prod\n\ntargetGroups:\n  blue: x\n  # and\n  green: y\nlist: [1, {a: 2}]\n";
    assert_eq!(line_of(yaml, "cluster"), Some(2));
    assert_eq!(line_of(yaml, "targetGroups"), Some(4));
    assert_eq!(line_of(yaml, "targetGroups.green"), Some(7));
    assert_eq!(line_of(yaml, "targetGroups.red"), None);
    assert_eq!(line_of("{\n  \"a\": {\n    \"b\": 1.5,\n    \"c\": null }\n}", "a.c"), Some(4));
    assert_eq!(line_of("a: [", "a"), None);
}

#[test]
fn a_syntax_error_does_not_quote_the_file() {
    for text in [
        "environment:\n  A: hunter2\n B: x\n",
        "a: !!int hunter2\n",
        "a: 'hunter2\n",
        "a: \"hunter2\\q\"\n",
        "a: @hunter2\n",
    ] {
        let error = error("a.yml", text.as_bytes());
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    }
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_parameters_or_one_error(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
        for name in ["a.yml", "a.json", "a.env"] {
            if let Err(error) = read(name, &bytes) {
                proptest::prop_assert_eq!(error.kind.name(), "usage");
            }
        }
    }

    #[test]
    fn any_yaml_that_has_keys_has_lines_for_them(text in "([a-z]{1,3}: ?[a-z0-9]{0,4}\\n){0,6}") {
        if let Ok(layer) = read("a.yml", text.as_bytes()) {
            for key in layer.map.keys() {
                proptest::prop_assert!(line_of(&text, key).is_some());
            }
        }
    }
}
