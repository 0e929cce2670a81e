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
    let expected = json!({"cluster": "prod", "targetGroups": {"blue": "b"}, "drain": null, "subnets": ["a", "b"]});
    assert_eq!(map("a.yml", "cluster: prod\ntargetGroups:\n  blue: b\ndrain:\nsubnets: [a, b]\n"), expected);
    assert_eq!(map("A.JSON", &expected.to_string()), expected);
    assert_eq!(map("a.yaml", &format!("\u{feff}{expected}")), expected);
    assert_eq!(map("a.yml", "# nothing yet\n"), json!({}));
    assert_eq!(map("a.yml", ""), json!({}));
}

#[test]
fn yaml_guesses_nothing() {
    for written in [
        "0xFF00FF",
        "0o755",
        "0b101",
        "012",
        "012345678901",
        "1_000",
        "1.10",
        "1.0",
        "12e4567",
        "-12e4567",
        "1e3",
        "5.",
        ".5",
        "+5",
        "-0",
        "-0x1F",
        ".inf",
        "-.Inf",
        ".nan",
        "nan",
        "1:30",
        "190:20:30",
        "2026-01-31",
        "2026-01-31T12:00:00Z",
        "yes",
        "no",
        "on",
        "off",
        "y",
        "N",
        "true",
        "True",
        "FALSE",
        "99999999999999999999999",
        "-9223372036854775809",
    ] {
        for (text, path) in [
            (format!("a: {written}\n"), "/a"),
            (format!("a:   {written}   # a comment\n"), "/a"),
            (format!("a:\r\n  {written}\r\nb: 1\r\n"), "/a"),
            (format!("\u{feff}é: 日本\na: {written}"), "/a"),
            (format!("a: {{b: [ x, {written} ], c: {written} }}\n"), "/a/b/1"),
            (format!("b: &n {written}\na: *n\n"), "/a"),
            (format!("x-y: &m {{k: {written}}}\na:\n  <<: *m\n"), "/a/k"),
            (format!("x-y: &m {{k: 7}}\na:\n  <<: *m\n  k: {written}\n"), "/a/k"),
            (format!("a: !!str {written}\n"), "/a"),
            (format!("a: '{written}'\n"), "/a"),
            (format!("? {written}\n: a\n"), ""),
        ] {
            let map = map("a.yml", &text);
            if path.is_empty() {
                assert_eq!(map, json!({written: "a"}), "{text}");
            } else {
                assert_eq!(map.pointer(path), Some(&json!(written)), "{text}");
            }
        }
    }
    assert_eq!(
        map("a.yml", "a: !!int \"5\"\nb: !!float 1.50\nc: !!int 0x10\n"),
        json!({"a": "5", "b": "1.50", "c": "0x10"})
    );
}

#[test]
fn null_is_what_yaml_says_it_is() {
    assert_eq!(
        map("a.yml", "a: ~\nb: null\nc:\nd: ''\ne: 'null'\n"),
        json!({"a": null, "b": null, "c": null, "d": "", "e": "null"})
    );
}

#[test]
fn anchors_have_a_home_and_merges_a_meaning() {
    for (text, expected) in [
        ("a: &x\n  k: 1\nb: *x\nc:\n  <<: *x\n", json!({"a": {"k": "1"}, "b": {"k": "1"}, "c": {"k": "1"}})),
        ("x-log: &log {A: 1, B: 2}\nenvironment:\n  <<: *log\n  B: 3\n", json!({"environment": {"A": "1", "B": "3"}})),
        ("x-a: &a {A: 1}\nx-b: &b {A: 2, B: 2}\nc: {<<: [*a, *b]}\n", json!({"c": {"A": "1", "B": "2"}})),
        ("x-n: &n web\nservice: *n\nx-: 1\nx-list: [1]\n", json!({"service": "web"})),
        // nothing but the first level, and nothing that only looks like it
        ("tags: {x-team: shop}\nxa: 1\nX-b: 1\n", json!({"tags": {"x-team": "shop"}, "xa": "1", "X-b": "1"})),
    ] {
        assert_eq!(map("a.yml", text), expected, "{text}");
    }
    assert_eq!(map("a.json", r#"{"x-note": {"any": [1]}, "cluster": "prod"}"#), json!({"cluster": "prod"}));
    for text in ["a:\n  <<: 5\n", "a:\n  <<: [1]\n", "a: {<<: *nobody}\n"] {
        let error = error("a.yml", text.as_bytes());
        assert!(error.message.starts_with("a.yml:"), "{error:?}");
    }
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
        ("a.env", "A=1\nB\n", "a.env:2"),
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
    assert_eq!(line_of("a: &x {b: 0x1}\nc:\n  b: 1\n  d: {<<: *x, e: 12e4567}", "c.d.e"), Some(4));
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
    fn a_scalar_of_yaml_is_its_text(written in "[-+]?[0-9._xobeEXnaNif:T]{1,12}", before in "\\PC{0,5}") {
        let text = format!("# {before}\na: {written}\nb: {{c: &x {written}, d: [*x]}}\n");
        if let Ok(layer) = read("a.yml", text.as_bytes()) {
            proptest::prop_assert_eq!(Value::Object(layer.map), json!({"a": &written, "b": {"c": &written, "d": [&written]}}));
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
