//! The losers are aborted after a success, and not when the function is cancelled.
//! message: A dropped handle leaves its task running.

use async_kit::{Lane, Millis, exercise, exercise::Tally};
use futures::future::select_all;
use tokio::time::sleep;

type Answer = Result<&'static str, String>;

async fn first_success<F>(requests: Vec<F>) -> Result<&'static str, Vec<String>>
where
    F: Future<Output = Answer> + Send + 'static,
{
    let mut tasks: Vec<_> = requests.into_iter().map(tokio::spawn).collect();
    let mut errors = Vec::new();
    while !tasks.is_empty() {
        let (ended, _, others) = select_all(tasks).await;
        match ended.expect("no request panics") {
            Ok(route) => {
                for task in others {
                    task.abort();
                    let _ = task.await;
                }
                return Ok(route);
            }
            Err(error) => errors.push(error),
        }
        tasks = others;
    }
    Err(errors)
}

// What follows does not change.

/// The name of a server, how long it takes, and whether it works.
type Server = (&'static str, u64, bool);

const SERVERS: [Server; 3] =
    [("oslo", 20, false), ("bern", 50, true), ("lima", 90, true)];

/// The tally counts the requests that are open.
fn requests(
    servers: [Server; 3],
    open: Tally,
) -> Vec<impl Future<Output = Answer> + Send> {
    servers.map(|server| ask(server, open.clone()).try_lane(server.0)).into()
}

async fn ask((name, millis, works): Server, open: Tally) -> Answer {
    let _open = open.track();
    sleep(millis.ms()).step("request").await;
    if works { Ok(name) } else { Err(format!("{name} is down")) }
}

fn main() {
    exercise::show(async { first_success(requests(SERVERS, Tally::default())).await });
}
