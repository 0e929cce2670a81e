//! Names and values that others wrote, as a message can hold them.

/// What of a name from a file is shown.
pub(crate) const SHOWN: usize = 80;

/// A name from a file, made fit for a message.
pub(crate) fn quoted(name: &str) -> String {
    format!("`{}`", clip(name))
}

/// A name from a file as a message can hold it: no control characters, no megabytes.
pub(crate) fn clip(name: &str) -> String {
    let mut shown: String = name.chars().take(SHOWN).flat_map(char::escape_debug).collect();
    if name.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown
}
