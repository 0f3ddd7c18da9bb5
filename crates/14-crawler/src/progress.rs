//! The bar is drawn on a terminal only, and a few times a second at most.

use crawler::Report;
use indicatif::{ProgressBar, ProgressStyle};

/// How far a crawl is, for somebody who watches.
pub(crate) struct Progress(ProgressBar);

impl Progress {
    pub(crate) fn new() -> Self {
        let style = "{spinner} {pos} of {len} pages found  {per_sec}  {msg}";
        let style = ProgressStyle::with_template(style).expect("the template is fixed");
        Self(ProgressBar::new(0).with_style(style))
    }

    pub(crate) fn show(&self, report: &Report) {
        let [failed, skipped] =
            [&report.failed, &report.skipped].map(|counts| counts.values().sum::<u64>());
        self.0.set_length(report.fetched + report.waiting as u64);
        self.0.set_position(report.fetched);
        if !self.0.is_hidden() {
            self.0.set_message(format!("{failed} failed, {skipped} skipped"));
        }
    }

    pub(crate) fn clear(&self) {
        self.0.finish_and_clear();
    }
}
