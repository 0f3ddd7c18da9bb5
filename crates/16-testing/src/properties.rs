//! A property test checks a rule for many inputs, and finds the smallest input that breaks it.
//!
//! asyncio: `hypothesis`, whose tests of coroutines wait in real time. Tokio: `proptest` with each
//! case in virtual time, so a hundred cases of several seconds take milliseconds. A failing case is
//! shrunk to fewer callers and shorter pauses, until no smaller case fails.
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

use self::limiters::{
    EarlyRemoval, FixedWindow, LIMIT, Limiter, SlidingWindow, WINDOW_MS,
};
use crate::harness::run_test;

/// Three limiters are meant to let two callers pass in any 100 ms. Two of them are wrong.
pub(crate) async fn run() -> anyhow::Result<()> {
    show::<SlidingWindow>("sliding window").await?;
    show::<FixedWindow>("fixed window").await?;
    show::<EarlyRemoval>("early removal").await
}

async fn show<L: Limiter>(name: &str) -> anyhow::Result<()> {
    match run_test(smallest_failure::<L>).await? {
        None => say!("{name}: no case fails"),
        Some(Failure { first, callers, reason }) => {
            say!(
                "{name}: a case fails, shrunk from {first} callers to {}:",
                callers.len()
            );
            for Caller { pause, timeout } in callers {
                say!(
                    "   {pause} ms later a caller arrives, with a timeout of {timeout} ms"
                );
            }
            say!("   {reason}");
        }
    }
    Ok(())
}

// ANCHOR: property
#[derive(Clone, Copy, Debug)]
struct Caller {
    /// Milliseconds after the previous caller.
    pause: u64,
    /// Milliseconds that it waits at most.
    timeout: u64,
}

fn callers() -> impl Strategy<Value = Vec<Caller>> {
    let caller = (0..150_u64, 0..300_u64);
    vec(caller.prop_map(|(pause, timeout)| Caller { pause, timeout }), 1..10)
}

/// No window of 100 ms lets more than two callers pass.
fn keeps_the_limit<L: Limiter>(callers: Vec<Caller>) -> Result<(), TestCaseError> {
    let passed = virtual_time(pass_times(L::default(), callers));
    let too_many = passed
        .windows(LIMIT + 1)
        .find(|times| times[LIMIT] - times[0] < WINDOW_MS.into());
    match too_many {
        None => Ok(()),
        Some(times) => {
            Err(TestCaseError::fail(format!("callers passed at {times:?} ms")))
        }
    }
}
// ANCHOR_END: property

/// The times at which callers passed, in milliseconds since the start.
async fn pass_times<L: Limiter>(limiter: L, callers: Vec<Caller>) -> Vec<u64> {
    let (limiter, start) = (Arc::new(limiter), Instant::now());
    let mut started = Vec::new();
    for Caller { pause, timeout: limit } in callers {
        sleep(pause.ms()).await;
        let limiter = Arc::clone(&limiter);
        started.push(tokio::spawn(async move {
            timeout(limit.ms(), limiter.pass()).await.ok().map(|()| start.elapsed())
        }));
    }
    let mut passed = Vec::new();
    for caller in started {
        passed.extend(caller.await.expect("no caller panics"));
    }
    passed.sort_unstable();
    passed.iter().map(|at| at.as_millis() as u64).collect()
}

struct Failure {
    /// The number of callers in the first case that failed.
    first: usize,
    /// The callers of the smallest case that fails.
    callers: Vec<Caller>,
    reason: String,
}

// ANCHOR: runner
/// Does what `proptest!` does, with the same cases in each run.
fn smallest_failure<L: Limiter>() -> Option<Failure> {
    let config = Config { cases: 60, failure_persistence: None, ..Config::default() };
    let random = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, random);
    let first = Cell::new(None);
    let result = runner.run(&callers(), |callers| {
        let count = callers.len();
        keeps_the_limit::<L>(callers).inspect_err(|_| {
            first.set(first.get().or(Some(count)));
        })
    });
    match result {
        Ok(()) => None,
        Err(TestError::Fail(reason, callers)) => {
            let first = first.get().expect("a failing case sets its number of callers");
            Some(Failure { first, callers, reason: reason.to_string() })
        }
        Err(TestError::Abort(reason)) => panic!("no case could be generated: {reason}"),
    }
}
// ANCHOR_END: runner

#[cfg(test)]
mod tests {
    use async_kit::Transcript;
    use proptest::prelude::{ProptestConfig, prop_assert_eq, proptest};

    use super::*;

    #[tokio::test]
    async fn one_limiter_passes_and_two_fail_for_three_and_for_four_callers() {
        let seen = Transcript::of(run()).await.to_string();
        assert!(seen.contains("sliding window: no case fails"), "{seen}");
        // Two callers pass just before a new window starts, and a third passes just after.
        assert!(seen.contains("fixed window: a case fails"), "{seen}");
        assert!(seen.contains("callers to 3:"), "{seen}");
        // One caller times out while it waits, after it has removed the oldest entry.
        assert!(seen.contains("early removal: a case fails"), "{seen}");
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
        fn at_most_two_callers_pass_in_any_100_ms(callers in callers()) {
            keeps_the_limit::<SlidingWindow>(callers)?;
        }

        /// Without this property, a limiter that never lets a caller pass would be correct.
        #[test]
        fn a_caller_with_a_long_timeout_passes(callers in callers()) {
            let long_timeouts =
                callers.iter().map(|caller| Caller { timeout: 60_000, ..*caller }).collect();
            let passed = virtual_time(pass_times(SlidingWindow::default(), long_timeouts));
            prop_assert_eq!(passed.len(), callers.len());
        }
    }
    // ANCHOR_END: tests
}
