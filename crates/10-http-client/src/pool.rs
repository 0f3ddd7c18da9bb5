//! A client's pool limits its idle connections, and never its requests.
//!
//! asyncio: aiohttp's `limit=100, limit_per_host=30` limit requests: the 31st request to a host
//! waits. Tokio: `pool_max_idle_per_host(1)` keeps one connection open when no request needs it. A
//! hundred concurrent requests still open a hundred connections, and then close 99 of them. To
//! limit the requests, take a slot for each of them, as in `slots`.
#![cfg(not(target_family = "wasm"))]

use std::{num::NonZeroUsize, sync::Arc};

use async_kit::{
    Lane, ask, knob,
    lab::{Lab, Stats},
    say,
};
use futures::future::join_all;
use reqwest::Client;

use crate::request_slots::Slots;

pub(crate) fn knobs() -> [usize; 2] {
    let knobs = [knob("all", 5, 1..=20), knob("per-host", 3, 1..=20)];
    ask("per-host=1", "how many requests to both hosts are in flight at most?");
    knobs
}

/// Eight requests with a pool of one; then twelve to two hosts, with five slots, three per host.
pub(crate) async fn run([all, per_host]: [usize; 2]) -> anyhow::Result<()> {
    let (all, per_host) = (all.try_into()?, per_host.try_into()?);
    let lab = Lab::start().await?;
    let (busy, idle) = pool_of_one(&lab).try_lane("pool of one").await?;
    say!("pool of one: {busy}");
    say!("pool of one: {} connection stays open", idle.open_connections);

    let seen = two_hosts(all, per_host).await?;
    for (host, seen) in ["a", "b"].iter().zip(seen) {
        say!("host {host}: {seen}");
    }
    Ok(())
}

/// A delay that is long enough to be visible on the timeline. A test draws no timeline.
const DELAY: &str = if cfg!(test) { "/delay/2" } else { "/delay/60" };

// ANCHOR: pool
/// Returns the counts of the server after eight requests, and after it has closed the surplus
/// connections.
async fn pool_of_one(lab: &Lab) -> reqwest::Result<(Stats, Stats)> {
    let client = Client::builder().no_proxy().pool_max_idle_per_host(1).build()?;
    let requests = (0..8).map(|_| send(&client, lab));
    join_all(requests).await.into_iter().collect::<reqwest::Result<()>>()?;
    let idle = lab.wait_until(|seen| seen.open_connections <= 1).await;
    Ok((lab.stats(), idle))
}

async fn two_hosts(
    all: NonZeroUsize,
    per_host: NonZeroUsize,
) -> anyhow::Result<[Stats; 2]> {
    let client = Client::builder().no_proxy().build()?;
    let slots = Slots::new(all, per_host);
    let (a, b) = (Arc::new(Lab::start().await?), Arc::new(Lab::start().await?));
    let requests = (0..12).map(|n| {
        let (host, lab) = if n % 2 == 0 { ("a", &a) } else { ("b", &b) };
        let (client, slots) = (&client, &slots);
        async move {
            let _slot = slots.acquire(host).await;
            send(client, lab).await
        }
        .try_lane(format!("{host}-{}", n / 2))
    });
    join_all(requests).await.into_iter().collect::<reqwest::Result<()>>()?;
    Ok([a.stats(), b.stats()])
}

async fn send(client: &Client, lab: &Lab) -> reqwest::Result<()> {
    let body = async { client.get(lab.url(DELAY)).send().await?.bytes().await };
    body.step("in flight").await.map(drop)
}
// ANCHOR_END: pool

#[cfg(test)]
mod tests {
    use async_kit::{Millis, TimeLimit};

    use super::*;

    #[tokio::test]
    async fn a_pool_of_one_opens_a_connection_per_request_and_keeps_one() {
        let lab = Lab::start().await.expect("a free port");
        let seen = pool_of_one(&lab).within(30.secs()).await;
        let (busy, idle) = seen.expect("in time").expect("eight answers");
        assert_eq!((busy.requests, idle.open_connections), (8, 1), "{busy}");
    }

    /// All eight stalled requests are in flight together: the client delays none of them.
    #[tokio::test]
    async fn a_pool_of_one_delays_no_request() {
        let lab = Lab::start().await.expect("a free port");
        let client = Client::builder().no_proxy().pool_max_idle_per_host(1);
        let client = client.build().expect("a client");
        let stall = || async { client.get(lab.url("/stall")).send().await };
        tokio::select! {
            answers = join_all((0..8).map(|_| stall())) => panic!("{answers:?}"),
            seen = lab.wait_until(|seen| seen.in_flight == 8).within(30.secs()) => {
                assert_eq!(seen.expect("in time").connections, 8);
            }
        }
    }

    #[tokio::test]
    async fn with_slots_no_host_has_more_requests_in_flight_than_per_host_allows() {
        for (all, per_host) in [(5, 3), (1, 1), (20, 2)] {
            let (all, slots) = (all.try_into().unwrap(), per_host.try_into().unwrap());
            for seen in two_hosts(all, slots).await.expect("twelve answers") {
                assert_eq!(seen.requests, 6, "{seen}");
                assert!(seen.peak_in_flight <= per_host as u64, "{seen}");
            }
        }
    }
}
