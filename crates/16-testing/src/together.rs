//! Five right answers do not show that five things ran at the same time.
//!
//! asyncio: `assert len(results) == 5` after a `gather` passes for a loop of five awaits too. What
//! tells them apart is the clock and a count of who is inside. Tokio: the same two, and in
//! virtual time the clock is exact, so a test can ask for 100 ms and mean it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use async_kit::{Lane, Millis, knob, say};
use tokio::{
    task::JoinHandle,
    time::{Instant, sleep},
};

/// Five checks of 100 ms each, one after the other and then all at once.
pub(crate) async fn run() -> anyhow::Result<()> {
    let checks = knob("checks", 5, 2..=10_u32);
    let (desk, start) = (Arc::<Desk>::default(), Instant::now());
    let answers = one_by_one(&desk, checks).await;
    tell("one by one", &answers, start.elapsed(), desk.peak());
    let (desk, start) = (Arc::<Desk>::default(), Instant::now());
    let answers = all_at_once(&desk, checks).await?;
    tell("all at once", &answers, start.elapsed(), desk.peak());
    Ok(())
}

fn tell(how: &str, answers: &[u32], took: Duration, peak: usize) {
    let (count, seconds) = (answers.len(), took.as_secs_f64());
    say!("{how}: {count} answers in {seconds:.1} s, at most {peak} at once");
}

// ANCHOR: together
async fn one_by_one(desk: &Desk, checks: u32) -> Vec<u32> {
    let mut answers = Vec::new();
    for n in 0..checks {
        answers.push(desk.check(n).lane(format!("one by one {n}")).await);
    }
    answers
}

async fn all_at_once(desk: &Arc<Desk>, checks: u32) -> anyhow::Result<Vec<u32>> {
    let start = |n| -> JoinHandle<u32> {
        let desk = Arc::clone(desk);
        tokio::spawn(async move { desk.check(n).await }.lane(format!("all at once {n}")))
    };
    let started: Vec<_> = (0..checks).map(start).collect();
    let mut answers = Vec::new();
    for check in started {
        answers.push(check.await?);
    }
    Ok(answers)
}
// ANCHOR_END: together

// ANCHOR: peak
/// What is checked, with a count of the checks that run now, and of the most that ever did.
#[derive(Default)]
struct Desk {
    now: AtomicUsize,
    peak: AtomicUsize,
}

impl Desk {
    async fn check(&self, n: u32) -> u32 {
        let _inside = self.enter();
        sleep(100.ms()).step("checking").await;
        n * n
    }

    fn enter(&self) -> Inside<'_> {
        self.peak.fetch_max(self.now.fetch_add(1, Relaxed) + 1, Relaxed);
        Inside(self)
    }

    fn peak(&self) -> usize {
        self.peak.load(Relaxed)
    }
}

#[must_use = "dropping it counts the check as over"]
struct Inside<'a>(&'a Desk);

/// In `drop`, so that a check that is cancelled or panics is not counted as running for ever.
impl Drop for Inside<'_> {
    fn drop(&mut self) {
        self.0.now.fetch_sub(1, Relaxed);
    }
}
// ANCHOR_END: peak

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};
    use tokio::time::timeout;

    use super::*;

    // ANCHOR: tests
    #[test]
    fn five_checks_at_once_take_as_long_as_one() {
        virtual_time(async {
            let start = Instant::now();
            let answers = all_at_once(&Arc::default(), 5).await.unwrap();
            assert_eq!(answers, [0, 1, 4, 9, 16]);
            assert_eq!(start.elapsed(), 100.ms());
        });
    }

    #[test]
    fn all_five_are_inside_at_the_same_time() {
        let desk = Arc::<Desk>::default();
        let counted = Arc::clone(&desk);
        let work = async move { all_at_once(&counted, 5).await };
        let (seen, answers) = virtual_time(Transcript::with_output(work));
        assert_eq!(answers.unwrap().len(), 5);
        // Counted by the fake, and read from the recording: one of the two is enough.
        assert_eq!(desk.peak(), 5);
        assert_eq!(seen.peak("checking"), 5, "{seen}");
    }
    // ANCHOR_END: tests

    #[test]
    fn the_count_of_answers_does_not_tell_the_serial_version_and_the_clock_does() {
        virtual_time(async {
            let (desk, start) = (Desk::default(), Instant::now());
            assert_eq!(one_by_one(&desk, 5).await.len(), 5);
            assert_eq!(start.elapsed(), 500.ms());
            assert_eq!(desk.peak(), 1);
        });
    }

    #[test]
    fn a_check_that_is_cancelled_is_not_counted_any_more() {
        virtual_time(async {
            let desk = Desk::default();
            let _ = timeout(10.ms(), desk.check(1)).await;
            assert_eq!((desk.now.load(Relaxed), desk.peak()), (0, 1));
        });
    }

    #[test]
    fn both_give_five_answers_and_differ_in_time_and_peak() {
        let seen = virtual_time(Transcript::of(run()));
        seen.assert_at(500.ms(), "one by one: 5 answers in 0.5 s, at most 1 at once");
        seen.assert_at(600.ms(), "all at once: 5 answers in 0.1 s, at most 5 at once");
    }
}
