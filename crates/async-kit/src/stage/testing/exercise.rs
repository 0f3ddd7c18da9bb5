//! A wrong answer to an exercise is refused with its likely mistake and its own timeline.
//!
//! | in an exercise | there is |
//! |---|---|
//! | run the answer of the learner, and record what it does | [`observe`], [`observe_or`] |
//! | assert what it did, and name the likely mistake | [`Observed`] |
//! | cancel it at every await | [`cancelled_everywhere`] |
//! | count values that are alive, as a leak or a full memory has them | [`Tally`] |
//! | assert that a prediction is complete, before its run is shown | [`require_complete`] |
//! | show the answer in `main` | [`show`], [`show_prediction`] |
//!
//! No run hangs. A run in virtual time that cannot continue is refused with the report of
//! [`virtual_time`](crate::virtual_time()). It misses some endless runs: after 45 s, the process ends
//! with exit code 101 and no timeline. For sockets, files and processes there are
//! [`observe_in_real_time`] and [`show_in_real_time`], which end after 20 s.

mod cancelled;
mod exit_guard;
mod last_refusal;
mod line_limit;
mod observe;
mod observed;
mod panic_place;
mod picture;
mod prediction;
mod real_time;
mod refusal;
mod run;
mod show;
mod side_by_side;
mod tally;
mod terminal_width;
mod unchanged;
mod watchdog;

pub use self::{
    cancelled::cancelled_everywhere,
    observe::{observe, observe_in_real_time, observe_or},
    observed::Observed,
    prediction::{UNKNOWN, require_complete, show_prediction},
    show::{show, show_in_real_time},
    tally::{Counted, Tally},
    unchanged::{checks, fingerprint},
};
