//! A line of a run has one plain form, and tests, pipes and twins all use it.

use std::time::Duration;

/// `[  0.500s] lane text`, or `[  0.500s] text` for a line outside any lane.
///
/// The time is cut to whole milliseconds, not rounded: rounding up would show a time that had not
/// come yet.
pub(crate) fn plain(at: Duration, lane: Option<&str>, text: &str) -> String {
    let (secs, millis) = (at.as_secs(), at.subsec_millis());
    match lane {
        Some(lane) => format!("[{secs:3}.{millis:03}s] {lane} {text}"),
        None => format!("[{secs:3}.{millis:03}s] {text}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Millis;

    #[test]
    fn a_line_outside_any_lane_has_no_lane_name() {
        assert_eq!(plain(500.ms(), Some("job"), "starts"), "[  0.500s] job starts");
        assert_eq!(plain(1234.secs(), None, "ends"), "[1234.000s] ends");
    }
}
