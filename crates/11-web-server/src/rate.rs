//! A client over its rate gets a `429`, and is served if it waits for `Retry-After`.
//!
//! Slots protect the server from all clients together; a rate protects the clients from each other.
//! Without `Retry-After` a client can only guess when to try again, and the eager client guesses too
//! early.

use std::time::Duration;

use async_kit::{Lane, Millis, ask, knob, say};
use axum::{
    Router,
    http::{StatusCode, header::RETRY_AFTER},
    routing::get as on_get,
};
use tokio::time::sleep;

use crate::{
    app::{
        limits::{Limits, limited},
        rate_limiter::ClientAddr,
    },
    router_client::{FullResponse, client, get, send},
};

const PAUSE: Duration = Duration::from_millis(100);

/// An eager client sends five requests. A patient client sends five too, but obeys `Retry-After`.
pub(crate) async fn run() -> anyhow::Result<()> {
    let burst = knob("burst", 3_u32, 1..=10);
    let every = knob("every", 1.secs(), 100.ms()..=2.secs());
    ask("every=500ms", "for how long does the patient client wait after a 429?");
    let app = app(burst, every);
    let eager = tokio::spawn(eager(app.clone(), client(1)).lane("eager"));
    let patient = tokio::spawn(patient(app, client(2)).lane("patient"));
    eager.await?;
    patient.await?;
    Ok(())
}

fn app(burst: u32, every: Duration) -> Router {
    let routes = Router::new().route("/", on_get(async || "done"));
    limited(routes, Limits { burst, every, ..Limits::default() })
}

async fn eager(app: Router, client: ClientAddr) {
    for _ in 0..5 {
        say!("{}", send_as(client, &app).await);
        sleep(PAUSE).await;
    }
}

// ANCHOR: rate
async fn patient(app: Router, client: ClientAddr) {
    for _ in 0..5 {
        let mut response = send_as(client, &app).await;
        while let Some(wait) = retry_delay(&response) {
            say!("{response}");
            sleep(wait).step("waiting for retry-after").await;
            response = send_as(client, &app).await;
        }
        say!("{response}");
        sleep(PAUSE).await;
    }
}

fn retry_delay(response: &FullResponse) -> Option<Duration> {
    let refused = response.status == StatusCode::TOO_MANY_REQUESTS;
    let wait = response.header(RETRY_AFTER).filter(|_| refused)?;
    // With `Retry-After: 0` a client without this minimum would send requests in a tight loop.
    wait.parse().ok().map(|wait| Duration::from_secs(wait).max(PAUSE))
}
// ANCHOR_END: rate

async fn send_as(client: ClientAddr, app: &Router) -> FullResponse {
    let mut request = get("/");
    request.extensions_mut().insert(client);
    send(app.clone(), request).await
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, stage::transcript::Line, virtual_time};

    use super::*;

    #[test]
    fn a_client_that_waits_for_retry_after_is_served() {
        virtual_time(async {
            let seen = Transcript::of(patient(app(3, 1.secs()), client(1))).await;
            seen.assert_lines([
                "[  0.000s] 200 done",
                "[  0.100s] 200 done",
                "[  0.200s] 200 done",
                "[  0.300s] 429 too many requests, retry after 1 s",
                "[  1.300s] 200 done",
                "[  1.400s] 429 too many requests, retry after 1 s",
                "[  2.400s] 200 done",
            ]);
        });
    }

    #[test]
    fn a_client_that_waits_gets_no_two_429s_in_a_row() {
        for (burst, every) in [(1, 100), (1, 2000), (2, 700), (10, 100)] {
            virtual_time(async move {
                let seen =
                    Transcript::of(patient(app(burst, every.ms()), client(1))).await;
                let refused = |line: &Line| line.text.starts_with("429");
                let served = seen.lines().iter().filter(|line| !refused(line)).count();
                assert_eq!(served, 5, "{seen}");
                let twice = |pair: &[Line]| pair.iter().all(refused);
                assert!(!seen.lines().windows(2).any(twice), "{seen}");
            });
        }
    }

    #[test]
    fn a_client_over_its_rate_slows_down_no_other_client() {
        virtual_time(async {
            let app = app(1, 1.secs());
            let responses =
                [1, 1, 2].map(async |number| send_as(client(number), &app).await.status);
            let [first, again, other] = responses;
            assert_eq!(first.await, StatusCode::OK);
            assert_eq!(again.await, StatusCode::TOO_MANY_REQUESTS);
            assert_eq!(other.await, StatusCode::OK);
        });
    }
}
