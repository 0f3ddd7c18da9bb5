//! One client opens one connection for ten requests, and ten clients open ten connections.
//!
//! asyncio: one `httpx.AsyncClient` or `aiohttp.ClientSession`, in an `async with` around all code
//! that uses it. Tokio: one `reqwest::Client`. It is cheap to clone (all clones share the
//! connections), can be built before there is a runtime, and needs no closing. Two defaults differ
//! from httpx: it follows up to ten redirects, and it has no timeout at all.
#![cfg(not(target_family = "wasm"))]

use async_kit::{Lane, lab::Lab, say};
use reqwest::{Client, StatusCode};

/// Ten requests one after another, twice; then two at the same time.
pub(crate) async fn run() -> anyhow::Result<()> {
    let lab = Lab::start().await?;
    let client = client()?;
    ten_with_one(&client, &lab).try_lane("one client").await?;
    say!("one client: {}", lab.stats());

    let lab = Lab::start().await?;
    ten_with_ten(&lab).try_lane("a client each").await?;
    say!("a client each: {}", lab.stats());

    let (python, django) = both(&client, &lab).try_lane("both").await?;
    say!("both: {python} and {django}");
    Ok(())
}

// ANCHOR: one_client
async fn status(client: &Client, url: String) -> reqwest::Result<StatusCode> {
    let answer = client.get(url).send().step("in flight").await?;
    let status = answer.status();
    // The connection can be reused only after this answer is read to its end.
    answer.bytes().await?;
    Ok(status)
}

async fn ten_with_one(client: &Client, lab: &Lab) -> reqwest::Result<()> {
    for id in 1..=10 {
        status(client, lab.url(&format!("/users/{id}"))).await?;
    }
    Ok(())
}

/// What not to do: each client opens a new connection, and closes it when it is dropped.
async fn ten_with_ten(lab: &Lab) -> reqwest::Result<()> {
    for id in 1..=10 {
        status(&client()?, lab.url(&format!("/users/{id}"))).await?;
    }
    Ok(())
}

/// Sends two requests concurrently. The first error drops the other request.
async fn both(client: &Client, lab: &Lab) -> reqwest::Result<(StatusCode, StatusCode)> {
    let python = status(client, lab.url("/users/1"));
    let django = status(client, lab.url("/users/2"));
    tokio::try_join!(python, django)
}
// ANCHOR_END: one_client

fn client() -> reqwest::Result<Client> {
    // The lab is on this machine, so a proxy could not reach it.
    Client::builder().no_proxy().build()
}

#[cfg(test)]
mod tests {
    use async_kit::{Millis, TimeLimit};

    use super::*;

    async fn lab() -> Lab {
        Lab::start().await.expect("a free port")
    }

    #[tokio::test]
    async fn ten_requests_of_one_client_share_a_connection() {
        let lab = lab().await;
        ten_with_one(&client().unwrap(), &lab).await.expect("ten answers");
        assert_eq!((lab.stats().requests, lab.stats().connections), (10, 1));
    }

    #[tokio::test]
    async fn ten_clients_make_ten_connections() {
        let lab = lab().await;
        ten_with_ten(&lab).await.expect("ten answers");
        assert_eq!((lab.stats().requests, lab.stats().connections), (10, 10));
    }

    #[tokio::test]
    async fn a_clone_shares_the_connections() {
        let (lab, client) = (lab().await, client().unwrap());
        ten_with_one(&client, &lab).await.expect("ten answers");
        ten_with_one(&client.clone(), &lab).await.expect("ten answers");
        assert_eq!(lab.stats().connections, 1, "{}", lab.stats());
    }

    #[tokio::test]
    async fn two_requests_are_in_flight_at_the_same_time() {
        let (lab, client) = (lab().await, client().unwrap());
        let stall = || status(&client, lab.url("/stall"));
        let both = async { tokio::join!(lab.wait_until(|seen| seen.in_flight == 2)) };
        tokio::select! {
            (seen,) = both => assert_eq!(seen.in_flight, 2),
            _ = async { tokio::join!(stall(), stall()) } => panic!("an answer"),
            () = tokio::time::sleep(30.secs()) => panic!("only {}", lab.stats()),
        }
    }

    #[tokio::test]
    async fn a_status_is_a_value_and_a_redirect_is_followed() {
        let (lab, client) = (lab().await, client().unwrap());
        for (path, code) in
            [("/status/404", 404), ("/status/500", 500), ("/redirect/3", 200)]
        {
            let seen = status(&client, lab.url(path)).within(30.secs()).await;
            assert_eq!(seen.expect("in time").expect(path), code);
        }
    }

    #[test]
    fn a_client_is_built_outside_a_runtime_and_outlives_two() {
        let client = client().expect("nothing to set up");
        for _ in 0..2 {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(async {
                let lab = lab().await;
                status(&client, lab.url("/json")).await.expect("an answer");
            });
        }
    }
}
