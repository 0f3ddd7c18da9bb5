//! `join_next` returns the requests in the order in which they end, so a failure is only one error more.
//! `shutdown` aborts the losers and waits until the runtime has dropped them. And because the set owns the
//! tasks, a caller that drops this future aborts all of them.

use async_kit::{Lane, Millis, exercise, exercise::Tally};
use tokio::{task::JoinSet, time::sleep};

type Answer = Result<&'static str, String>;

async fn first_success<F>(requests: Vec<F>) -> Result<&'static str, Vec<String>>
where
    F: Future<Output = Answer> + Send + 'static,
{
    let mut tasks: JoinSet<_> = requests.into_iter().collect();
    let mut errors = Vec::new();
    while let Some(ended) = tasks.join_next().await {
        match ended.expect("no request panics") {
            Ok(route) => {
                tasks.shutdown().await;
                return Ok(route);
            }
            Err(error) => errors.push(error),
        }
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
