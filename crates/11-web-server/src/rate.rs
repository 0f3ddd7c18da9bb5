//! Who asks too often is told when to come back, and who comes back then is served.
//!
//! Slots protect the server from all clients together, a rate protects the clients from each
//! other. The status is `429`, and `Retry-After` is what makes it more than a slap: without it a
//! client can only guess, and the eager one guesses too early.

use std::time::Duration;

use async_kit::{Lane, Millis, knob, say};
use axum::{
    Router,
    http::{StatusCode, header::RETRY_AFTER},
    routing::get as on_get,
};
use tokio::time::sleep;

use crate::{
    app::{
        limits::{Limits, limited},
        rates::Client,
    },
    ask::{Answer, ask, client, get},
};

const PAUSE: Duration = Duration::from_millis(100);

/// An eager client and a patient one ask five times each; the patient one minds the answers.
pub(crate) async fn run() -> anyhow::Result<()> {
    let burst = knob("burst", 3_u32, 1..=10);
    let every = knob("every", 1.secs(), 100.ms()..=2.secs());
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

async fn eager(app: Router, me: Client) {
    for _ in 0..5 {
        say!("{}", ask_as(me, &app).await);
        sleep(PAUSE).await;
    }
}

// ANCHOR: rate
async fn patient(app: Router, me: Client) {
    for _ in 0..5 {
        let mut answer = ask_as(me, &app).await;
        while let Some(wait) = told_to_wait(&answer) {
            say!("{answer}");
            sleep(wait).step("waiting as told").await;
            answer = ask_as(me, &app).await;
        }
        say!("{answer}");
        sleep(PAUSE).await;
    }
}

fn told_to_wait(answer: &Answer) -> Option<Duration> {
    let told = answer.status == StatusCode::TOO_MANY_REQUESTS;
    let wait = answer.header(RETRY_AFTER).filter(|_| told)?;
    // Never at once, whatever the server says: that would be a storm.
    wait.parse().ok().map(|wait| Duration::from_secs(wait).max(PAUSE))
}
// ANCHOR_END: rate

async fn ask_as(me: Client, app: &Router) -> Answer {
    let mut request = get("/");
    request.extensions_mut().insert(me);
    ask(app.clone(), request).await
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, stage::transcript::Line, virtual_time};

    use super::*;

    #[test]
    fn who_comes_back_when_told_is_served() {
        virtual_time(async {
            let seen = Transcript::of(patient(app(3, 1.secs()), client(1))).await;
            seen.assert_lines([
                "[  0.000s] 200 done",
                "[  0.100s] 200 done",
                "[  0.200s] 200 done",
                "[  0.300s] 429 you ask too often, retry after 1 s",
                "[  1.300s] 200 done",
                "[  1.400s] 429 you ask too often, retry after 1 s",
                "[  2.400s] 200 done",
            ]);
        });
    }

    #[test]
    fn who_waits_as_told_is_never_refused_twice_in_a_row() {
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
    fn one_client_that_asks_too_often_slows_down_no_other() {
        virtual_time(async {
            let app = app(1, 1.secs());
            let answers =
                [1, 1, 2].map(async |number| ask_as(client(number), &app).await.status);
            let [first, again, other] = answers;
            assert_eq!(first.await, StatusCode::OK);
            assert_eq!(again.await, StatusCode::TOO_MANY_REQUESTS);
            assert_eq!(other.await, StatusCode::OK);
        });
    }
}
