//! tasks5 · 15 minutes · take the first success, and leave no request open
//!
//! A navigator asks three map servers for the same route, and continues with the first route that
//! arrives. Three things are wrong:
//!
//! - A server that fails quickly wins. An error counts only if all three servers fail; then all three
//!   errors are returned.
//! - When the function has returned, the slower requests are still open.
//! - When its caller cancels the function, all three requests stay open.
//!
//! Section: `cargo run -p tasks -- first_success`. Code: crates/02-tasks/src/first_success.rs.
//! Page: docs/src/02-tasks.md.

use async_kit::{Lane, Millis, exercise, exercise::Tally};
use futures::future::select_all;
use tokio::time::sleep;

type Answer = Result<&'static str, String>;

// TODO: wait for a success, and end what is still running.
async fn first_success<F>(requests: Vec<F>) -> Result<&'static str, Vec<String>>
where
    F: Future<Output = Answer> + Send + 'static,
{
    let tasks = requests.into_iter().map(tokio::spawn);
    let (first, _position, _others) = select_all(tasks).await;
    first.expect("no request panics").map_err(|error| vec![error])
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

#[cfg(test)]
mod tests {
    use async_kit::{
        Millis,
        exercise::{self, Tally},
    };
    use tokio::time::sleep;

    use super::{SERVERS, first_success, requests};

    #[test]
    fn check_3_a_failure_does_not_win() {
        exercise::observe(first_success(requests(SERVERS, Tally::default())))
            .returns(
                Ok("bern"),
                "The first request to end has failed. Wait for the next.",
            )
            .concurrently("request", 3, "The servers are asked one after the other.")
            .takes(50.ms(), "The function waits for more than the first success.");
    }

    #[test]
    fn check_4_every_error_is_returned_if_all_servers_fail() {
        let servers = SERVERS.map(|(name, millis, _)| (name, millis, false));
        let errors = SERVERS.map(|(name, ..)| format!("{name} is down")).into();
        exercise::observe(first_success(requests(servers, Tally::default())))
            .returns(Err(errors), "An error is lost, or the first one ends the wait.");
    }

    #[test]
    fn check_1_no_request_is_open_after_the_answer() {
        let run = exercise::observe(async {
            let open = Tally::default();
            let _ = first_success(requests(SERVERS, open.clone())).await;
            let now = open.alive();
            sleep(1.ms()).await;
            (now, open.alive())
        });
        let (now, later) = *run.output();
        let expected = "no request is open when the function returns";
        run.require(
            later == 0,
            format!("requests that are still open: {later}"),
            expected,
            "Dropping a handle does not stop its task. Which type stops its tasks?",
        )
        .require(
            now == 0,
            format!("open requests when it returns: {now}; 1 ms later: 0"),
            expected,
            "An aborted task ends when the runtime drops it, not at the abort. Wait for its end.",
        );
    }

    #[test]
    fn check_2_a_cancelled_search_leaves_no_request_open() {
        exercise::cancelled_everywhere(
            async || Tally::default(),
            async |open| {
                let slow = SERVERS.map(|(name, ..)| (name, 3_600_000, true));
                first_success(requests(slow, open.clone())).await
            },
            async |open| match open.alive() {
                0 => Ok(()),
                open => Err(format!("requests that stay open: {open}")),
            },
            "A dropped handle leaves its task running. Let an owner abort the tasks in its `drop`.",
        );
    }
}
