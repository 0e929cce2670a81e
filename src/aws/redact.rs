//! What AWS says and nobody may read: where a signature does not match, it repeats the request that was signed, with the
//! session token in it.

const HEADER: &str = "x-amz-security-token";

/// The text without any session token.
pub(super) fn without_token(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let is_value = |c: char| c.is_ascii_alphanumeric() || "+/=%_-".contains(c);
    let mut out = String::new();
    let mut from = 0;
    for (at, _) in lower.match_indices(HEADER) {
        let after = at + HEADER.len();
        let value = text.get(after..).unwrap_or_default();
        let Some(value) = value.strip_prefix([':', '=']) else { continue };
        let length = value.find(|c| !is_value(c)).unwrap_or(value.len());
        // A list of the signed headers names it too, without a value.
        if length > 0 {
            out.push_str(text.get(from..=after).unwrap_or_default());
            out.push_str("(redacted)");
            from = after + 1 + length;
        }
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_goes_and_everything_else_stays() {
        for (text, expected) in [
            ("a\nX-Amz-Security-Token:IQo/J+b3=\n\nhost;x", "a\nX-Amz-Security-Token:(redacted)\n\nhost;x"),
            (r"a\nx-amz-security-token:IQoJ\n\nhost", r"a\nx-amz-security-token:(redacted)\n\nhost"),
            ("GET ?X-Amz-Security-Token=IQoJ%2F&b", "GET ?X-Amz-Security-Token=(redacted)&b"),
            ("host;x-amz-date;x-amz-security-token\nabc", "host;x-amz-date;x-amz-security-token\nabc"),
            (
                "x-amz-security-token:a x-amz-security-token:b",
                "x-amz-security-token:(redacted) x-amz-security-token:(redacted)",
            ),
            ("nothing: é", "nothing: é"),
        ] {
            assert_eq!(without_token(text), expected);
        }
    }

    proptest::proptest! {
        #[test]
        fn a_token_is_found_in_any_text(before in "\\PC{0,9}", after in "[^a-zA-Z0-9+/=%_-]\\PC{0,9}") {
            let said = without_token(&format!("{before}x-amz-security-token:canary{after}"));
            proptest::prop_assert!(!said.contains("canary") && said.ends_with(&after), "{}", said);
        }
    }
}
