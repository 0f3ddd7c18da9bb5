//! Every key of `info.toml`, the list of a pack of exercises, is on one line, but for `hint`: so the kit
//! reads the list without a parser for TOML.

/// The entries of a list, one for each exercise.
pub(in crate::stage) fn entries(list: &str) -> impl Iterator<Item = &str> {
    list.split("[[exercises]]").skip(1)
}

/// The value of a key in an entry, without quotes.
pub(in crate::stage) fn value<'a>(entry: &'a str, key: &str) -> Option<&'a str> {
    let value = entry.lines().find_map(|line| {
        line.strip_prefix(key)?.trim_start().strip_prefix('=').map(str::trim)
    });
    value.map(|value| value.trim_matches('"'))
}
