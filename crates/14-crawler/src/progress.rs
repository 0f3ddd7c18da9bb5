//! The bar is drawn on a terminal only, and a few times a second at most.

use crawler::Report;
use indicatif::{ProgressBar, ProgressStyle};

/// How far a crawl is, for somebody who watches. Nobody knows how large a site is, so the end of
/// the bar moves until as many pages are known as are wanted.
pub(crate) struct Progress {
    bar: ProgressBar,
    most: u64,
}

impl Progress {
    pub(crate) fn new(most: u64) -> Self {
        let style = "{bar:24} {pos} of {len} pages in {elapsed}, {msg}";
        let style = ProgressStyle::with_template(style).expect("the template is fixed");
        Self { bar: ProgressBar::new(0).with_style(style), most }
    }

    pub(crate) fn show(&self, report: &Report) {
        let [failed, skipped] =
            [&report.failed, &report.skipped].map(|counts| counts.values().sum::<u64>());
        let known = report.fetched + report.waiting as u64;
        self.bar.set_length(known.min(self.most).max(report.fetched));
        self.bar.set_position(report.fetched);
        if !self.bar.is_hidden() {
            self.bar.set_message(format!("{failed} failed, {skipped} skipped"));
        }
    }

    pub(crate) fn clear(&self) {
        self.bar.finish_and_clear();
    }
}
