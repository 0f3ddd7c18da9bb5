//! Independent callers share one request, and each gets its own answer.
//!
//! asyncio: a "data loader", usually from a library; the twin writes a small one. The kit's
//! `Batcher` is an `mpsc` channel, a task that collects items, and a `oneshot` for each answer. A
//! batch is sent when it is full, or when its first caller has waited for the delay. Callers that
//! come while a request is running are collected for the next one. A cancelled caller withdraws its
//! item.

use std::time::Duration;

use anyhow::Context;
use async_kit::{Batcher, Lane, Millis, ask, knob, say};
use tokio::time::sleep;

type Found = Result<String, &'static str>;
type Users = Batcher<usize, Found>;

/// When each caller comes, in milliseconds, and the id of the user that it needs.
const CALLERS: [(u64, usize); 8] =
    [(0, 1), (0, 2), (0, 3), (10, 4), (25, 99), (30, 5), (110, 6), (128, 7)];

/// Eight callers need one user each, and a request may ask for three users. A batch waits at most 20 ms
/// for more callers, and longer only while another request is running.
pub(crate) async fn run() -> anyhow::Result<()> {
    let size = knob("size", 3_usize, 1..=10).try_into()?;
    let max_delay = knob("max-delay", 20.ms(), 0.ms()..=200.ms());
    ask("max-delay=0ms", "which callers still share a request?");
    let mut requests = 1..;
    let users = Batcher::new(size, max_delay, move |ids| {
        let request = requests.next().unwrap_or_default();
        look_up(ids).lane(format!("request-{request}"))
    });
    let callers = CALLERS.map(|(at, id)| {
        tokio::spawn(call(users.clone(), at.ms(), id).lane(format!("caller-{id}")))
    });
    for caller in callers {
        caller.await??;
    }
    users.close().await;
    Ok(())
}

// ANCHOR: batcher
async fn call(users: Users, at: Duration, id: usize) -> anyhow::Result<()> {
    sleep(at).await;
    let found = users.submit(id).step("waiting for its answer").await;
    match found.context("the request failed")? {
        Ok(name) => say!("got {name}"),
        Err(why) => say!("got an error: {why}"),
    }
    Ok(())
}

/// One request for many users. It returns a result for each, in the order of the ids.
async fn look_up(ids: Vec<usize>) -> Vec<Found> {
    say!("looks up {ids:?}");
    sleep(40.ms()).step("looking up").await;
    let find = |id| if id < 50 { Ok(format!("user {id}")) } else { Err("no such user") };
    ids.into_iter().map(find).collect()
}
// ANCHOR_END: batcher

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};
    use tokio::time::timeout;

    use super::*;

    fn users() -> Users {
        Batcher::new(3.try_into().unwrap(), 20.ms(), look_up)
    }

    /// ```text
    /// 0         40        80        110    130      170
    /// 1 2 3 ────✓
    ///   4 99 5 ░──────────✓
    ///                               6 7 ░░░─────────✓
    /// ```
    #[test]
    fn eight_callers_share_three_requests_and_get_their_own_answers() {
        virtual_time(async {
            let seen = Transcript::of(run()).await;
            seen.assert_at(0.ms(), "request-1 looks up [1, 2, 3]");
            seen.assert_at(40.ms(), "request-2 looks up [4, 99, 5]");
            seen.assert_at(130.ms(), "request-3 looks up [6, 7]");
            seen.assert_at(80.ms(), "caller-4 got user 4");
            seen.assert_at(80.ms(), "caller-99 got an error: no such user");
            assert_eq!(seen.elapsed(), 170.ms(), "{seen}");
        });
    }

    /// Caller 4 comes at 10 ms, so its delay expires at 30 ms. But the first request runs until 40 ms.
    #[test]
    fn a_batch_that_is_not_full_is_sent_late_only_while_another_is_running() {
        virtual_time(async {
            let seen = Transcript::of(async {
                let (users, late) = (users(), users());
                let first = async {
                    tokio::join!(users.submit(1), users.submit(2), users.submit(3))
                };
                let second = call(users.clone(), 10.ms(), 4);
                let alone = call(late, 10.ms(), 5);
                let _ = tokio::join!(first, second, alone);
            });
            let seen = seen.await;
            seen.assert_at(30.ms(), "looks up [5]");
            seen.assert_at(40.ms(), "looks up [4]");
        });
    }

    #[test]
    fn the_user_of_a_cancelled_caller_is_not_looked_up() {
        virtual_time(async {
            let seen = Transcript::of(async {
                let users = users();
                let cancelled = timeout(5.ms(), users.submit(1));
                let (cancelled, answer) = tokio::join!(cancelled, users.submit(2));
                assert!(cancelled.is_err());
                assert_eq!(answer.unwrap(), Ok("user 2".to_owned()));
            });
            seen.await.assert_at(20.ms(), "looks up [2]");
        });
    }
}
