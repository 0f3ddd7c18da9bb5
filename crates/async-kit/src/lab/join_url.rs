//! A base address and a path are joined by exactly one slash.

pub(super) fn join_url(base: &str, path: &str) -> String {
    format!("{base}/{}", path.trim_start_matches('/'))
}
