//! The progress bar is drawn only on a terminal, and only a few times a second.
#![cfg(not(target_family = "wasm"))]

use crawler::Report;
use indicatif::{ProgressBar, ProgressStyle};

/// A progress bar for a crawl. The size of the site is unknown, so the end of the bar moves until
/// `max_pages` pages are known.
pub(crate) struct Progress {
    bar: ProgressBar,
    max_pages: u64,
}

impl Progress {
    pub(crate) fn new(max_pages: u64) -> Self {
        let style = "{bar:24} {pos} of {len} pages in {elapsed}, {msg}";
        let style = ProgressStyle::with_template(style).expect("the template is fixed");
        Self { bar: ProgressBar::new(0).with_style(style), max_pages }
    }

    pub(crate) fn show(&self, report: &Report) {
        let [failed, skipped] =
            [&report.failed, &report.skipped].map(|counts| counts.values().sum::<u64>());
        let known = report.fetched + report.waiting as u64;
        self.bar.set_length(known.min(self.max_pages).max(report.fetched));
        self.bar.set_position(report.fetched);
        if !self.bar.is_hidden() {
            self.bar.set_message(format!("{failed} failed, {skipped} skipped"));
        }
    }

    pub(crate) fn clear(&self) {
        self.bar.finish_and_clear();
    }
}
