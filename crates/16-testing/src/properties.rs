//! A property holds for every input, and a machine finds the smallest input for which it does not.
//!
//! asyncio: `hypothesis`, whose tests of coroutines wait for real. Tokio: `proptest`, and each case
//! in virtual time, so that a hundred cases of seconds take milliseconds. What fails is shrunk:
//! fewer callers, shorter pauses, until nothing can be left out and the bug stands alone.
#![cfg(not(target_family = "wasm"))]

mod limiters;

use std::{cell::Cell, sync::Arc};

use async_kit::{Millis, say, virtual_time};
use proptest::{
    collection::vec,
    strategy::Strategy,
    test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner},
};
use tokio::time::{Instant, sleep, timeout};

use self::limiters::{ByTheClock, LIMIT, Limiter, PaidInAdvance, Sliding, WINDOW};
use crate::verdict::run_test;

/// Three limiters let two pass in any 100 ms. Two of them only look like it.
pub(crate) async fn run() -> anyhow::Result<()> {
    show::<Sliding>("remembers each").await?;
    show::<ByTheClock>("counts by the clock").await?;
    show::<PaidInAdvance>("pays in advance").await
}

async fn show<L: Limiter>(name: &str) -> anyhow::Result<()> {
    match run_test(smallest_failure::<L>).await? {
        None => say!("{name}: no case fails"),
        Some(Found { first, callers, why }) => {
            say!(
                "{name}: fails, and is shrunk from {first} callers to {}:",
                callers.len()
            );
            for Caller { pause, patience } in callers {
                say!("   after {pause} ms one comes who waits at most {patience} ms");
            }
            say!("   {why}");
        }
    }
    Ok(())
}

// ANCHOR: property
#[derive(Clone, Copy, Debug)]
struct Caller {
    /// Milliseconds after the one before.
    pause: u64,
    /// Milliseconds it waits at most.
    patience: u64,
}

fn callers() -> impl Strategy<Value = Vec<Caller>> {
    let caller = (0..150_u64, 0..300_u64);
    vec(caller.prop_map(|(pause, patience)| Caller { pause, patience }), 1..10)
}

/// In no window do more pass than may.
fn keeps_the_limit<L: Limiter>(callers: Vec<Caller>) -> Result<(), TestCaseError> {
    let passed = virtual_time(passes(L::default(), callers));
    let late = passed.windows(LIMIT + 1).find(|few| few[LIMIT] - few[0] < WINDOW.into());
    match late {
        None => Ok(()),
        Some(few) => Err(TestCaseError::fail(format!("passed at {few:?} ms"))),
    }
}
// ANCHOR_END: property

/// When callers passed, in milliseconds from the beginning.
async fn passes<L: Limiter>(limiter: L, callers: Vec<Caller>) -> Vec<u64> {
    let (limiter, start) = (Arc::new(limiter), Instant::now());
    let mut started = Vec::new();
    for Caller { pause, patience } in callers {
        sleep(pause.ms()).await;
        let limiter = Arc::clone(&limiter);
        started.push(tokio::spawn(async move {
            timeout(patience.ms(), limiter.pass()).await.ok().map(|()| start.elapsed())
        }));
    }
    let mut passed = Vec::new();
    for caller in started {
        passed.extend(caller.await.expect("no caller panics"));
    }
    passed.sort_unstable();
    passed.iter().map(|at| at.as_millis() as u64).collect()
}

struct Found {
    /// How many callers the case had that failed first.
    first: usize,
    callers: Vec<Caller>,
    why: String,
}

// ANCHOR: runner
/// What `proptest!` does, with the same cases in each run.
fn smallest_failure<L: Limiter>() -> Option<Found> {
    let config = Config { cases: 60, failure_persistence: None, ..Config::default() };
    let random = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, random);
    let first = Cell::new(None);
    let judged = runner.run(&callers(), |callers| {
        let count = callers.len();
        keeps_the_limit::<L>(callers).inspect_err(|_| {
            first.set(first.get().or(Some(count)));
        })
    });
    match judged {
        Ok(()) => None,
        Err(TestError::Fail(why, callers)) => {
            let first = first.get().expect("the smallest was not the first to fail");
            Some(Found { first, callers, why: why.to_string() })
        }
        Err(TestError::Abort(why)) => panic!("no case could be made: {why}"),
    }
}
// ANCHOR_END: runner

#[cfg(test)]
mod tests {
    use async_kit::Transcript;
    use proptest::prelude::{ProptestConfig, prop_assert_eq, proptest};

    use super::*;

    #[tokio::test]
    async fn one_limiter_is_cleared_and_two_fail_for_three_and_for_four_callers() {
        let seen = Transcript::of(run()).await.to_string();
        assert!(seen.contains("remembers each: no case fails"), "{seen}");
        // Two pass just before the clock strikes, and a third just after.
        assert!(seen.contains("counts by the clock: fails"), "{seen}");
        assert!(seen.contains("callers to 3:"), "{seen}");
        // One gives up while it waits, and has paid.
        assert!(seen.contains("pays in advance: fails"), "{seen}");
        assert!(seen.contains("callers to 4:"), "{seen}");
    }

    // ANCHOR: tests
    proptest! {
        #![proptest_config(ProptestConfig {
            cases: 25,
            failure_persistence: None,
            ..ProptestConfig::default()
        })]

        #[test]
        fn never_do_more_than_two_pass_in_100_ms(callers in callers()) {
            keeps_the_limit::<Sliding>(callers)?;
        }

        /// Else a limiter that lets nobody pass would be a good one.
        #[test]
        fn who_is_patient_enough_passes(callers in callers()) {
            let patient = callers.iter().map(|caller| Caller { patience: 60_000, ..*caller });
            let passed = virtual_time(passes(Sliding::default(), patient.collect()));
            prop_assert_eq!(passed.len(), callers.len());
        }
    }
    // ANCHOR_END: tests
}
