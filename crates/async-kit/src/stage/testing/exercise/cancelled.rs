//! An answer that loses something when it is cancelled is shown the await at which it was lost.

use std::{panic::Location, sync::Mutex};

use super::{
    exit_guard::Running,
    refusal::{Refusal, refuse_at},
    watchdog::Watchdog,
};
use crate::stage::{
    record::Recording,
    testing::cancel::{Cut, MOST_WAITS, SETTLE_TIME, cancel_and_record},
};

/// Cancels an answer at each of its awaits, each time in a new run, and checks what is left.
///
/// asyncio has no counterpart. [`cancel_at_every_await`](crate::cancel_at_every_await()) cancels in the
/// same way, and names no likely mistake.
///
/// - `setup` makes what the answer works on.
/// - `answer` makes the future that is cancelled.
/// - `check` returns `Err` with what was lost, once the answer was cancelled and the rest of the run
///   has continued for a minute of virtual time.
///
/// # Examples
///
/// ```
/// use async_kit::{Millis, exercise::cancelled_everywhere};
/// use tokio::{sync::Semaphore, time::sleep};
///
/// cancelled_everywhere(
///     async || Semaphore::new(1),
///     async |permits| {
///         let _permit = permits.acquire().await;
///         sleep(10.ms()).await;
///     },
///     async |permits| match permits.available_permits() {
///         1 => Ok(()),
///         left => Err(format!("{left} permits are left, of 1")),
///     },
///     "The permit is not returned on every path.",
/// );
/// ```
///
/// # Panics
///
/// - If `check` returns `Err`: with the await, what was lost, the likely mistake and the timeline.
/// - If the answer never waits, or waits more than 1000 times: with a likely mistake of its own.
/// - If a run panics, or can never end: with that panic, or with the report of
///   [`virtual_time`](crate::virtual_time()), after printing where the answer was cancelled.
/// - When called inside a Tokio runtime.
///
/// If a run blocks its thread without end, the process ends after about 7 s with exit code 101, as it
/// does in any case if all runs together take 45 s of real time. If the answer calls [`std::process::exit`], the process aborts (on Unix).
#[track_caller]
pub fn cancelled_everywhere<S, O>(
    setup: impl AsyncFn() -> S,
    answer: impl AsyncFn(&S) -> O,
    check: impl AsyncFn(&S) -> Result<(), String>,
    mistake: &str,
) {
    let caller = Location::caller();
    let lost = Mutex::new(None);
    let found = |cut: Cut, why: String| *lost.lock().unwrap() = Some((cut, why));
    let check = async |state: &S, cut| {
        if let Err(why) = check(state).await {
            found(cut, why);
        }
    };
    let inspect = |recording| {
        if let Some((cut, why)) = lost.lock().unwrap().take() {
            let later = SETTLE_TIME.as_secs();
            let happened =
                format!("cancelled {}, and {later} s later: {why}", in_words(cut));
            let expected = "nothing is lost, wherever it is cancelled".to_owned();
            refuse_at(caller, &Refusal { happened, expected, mistake }, &recording);
        }
    };
    let watchdog = Watchdog::of_virtual_time();
    let running = Running::start();
    let cuts = cancel_and_record(MOST_WAITS, setup, answer, check, inspect);
    drop((running, watchdog));
    if let Some(refusal) = wrong_number(cuts) {
        refuse_at(caller, &refusal, &Recording::default());
    }
}

/// Refuses an answer with this many cuts if it never waited, or waits too often. The mistake of the
/// check is about what a cancellation loses, and is not likely then.
fn wrong_number(cuts: usize) -> Option<Refusal<'static>> {
    match cuts {
        ..=1 => Some(Refusal {
            happened: "your code never waited".to_owned(),
            expected: "it waits, and can be cancelled there".to_owned(),
            mistake: "Nothing is awaited: is a future made and dropped?",
        }),
        _ if cuts > 1 + 2 * MOST_WAITS => Some(Refusal {
            happened: format!("your code waited more than {MOST_WAITS} times"),
            expected: format!("it ends after {MOST_WAITS} waits at most"),
            mistake: "A loop waits again and again: what ends it?",
        }),
        _ => None,
    }
}

/// The cut in words; waits are counted from 1.
fn in_words(cut: Cut) -> String {
    match cut {
        Cut::BeforeFirstPoll => "before it ran at all".to_owned(),
        Cut::Waiting(wait) => format!("while it waited (wait {wait})"),
        Cut::Woken(wait) => {
            format!("right after wait {wait} was over, before it went on")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_may_wait_a_thousand_times_and_not_once_more() {
        assert!(wrong_number(1 + 2 * 1000).is_none());
        let refusal = wrong_number(1 + 2 * 1001).unwrap();
        assert_eq!(refusal.happened, "your code waited more than 1000 times");
        assert_eq!(refusal.expected, "it ends after 1000 waits at most");
        assert_eq!(refusal.mistake, "A loop waits again and again: what ends it?");
    }
}
