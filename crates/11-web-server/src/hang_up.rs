//! A client that hangs up takes its handler along, but not a task that the handler has started.
//!
//! aiohttp lets a handler run on when its client is gone, unless told otherwise. hyper drops the
//! handler at the await where it stands: nobody wants its answer any more. What must end all the
//! same (an order that is paid) is a task of its own, and then the shutdown has to wait for it:
//! the server only waits for connections.

use std::{sync::Arc, time::Duration};

use async_kit::{Event, Lane, Millis, say};
use axum::{Router, extract::State, routing::get};
use tokio::{io::AsyncWriteExt, net::TcpStream, sync::Notify, time::sleep};
use tokio_util::task::TaskTracker;

use crate::{
    app::{problem::Problem, serve::Door},
    live::Live,
};

/// Two clients hang up while the bank thinks; it answers when the server has ended already.
pub(crate) async fn run() -> anyhow::Result<()> {
    story(50.ms()).await
}

async fn story(pause: Duration) -> anyhow::Result<()> {
    let shop = Shop::default();
    let server = Live::start(app(shop.clone()), Door::default()).await?;
    for path in ["/price", "/order"] {
        let mut client = TcpStream::connect(server.address).await?;
        let request = format!("GET {path} HTTP/1.1\r\nhost: here\r\n\r\n");
        client.write_all(request.as_bytes()).await?;
        shop.asked.notified().await;
        sleep(pause).await;
        say!("the client of {path} hangs up");
    }
    server.stop();
    server.ended().await?;
    say!("no connection is left, but {} task is", shop.tasks.len());
    shop.bank.set();
    shop.tasks.close();
    shop.tasks.wait().await;
    Ok(())
}

// ANCHOR: hang_up
#[derive(Clone, Default)]
struct Shop {
    tasks: TaskTracker,
    bank: Arc<Event>,
    asked: Arc<Notify>,
}

fn app(shop: Shop) -> Router {
    let routes = Router::new().route("/price", get(price)).route("/order", get(order));
    routes.with_state(shop)
}

async fn price(State(shop): State<Shop>) -> &'static str {
    shop.ask_the_bank().lane("price").await
}

async fn order(State(shop): State<Shop>) -> Result<&'static str, Problem> {
    let tasks = shop.tasks.clone();
    let task = tasks.spawn(async move { shop.ask_the_bank().await }.lane("order"));
    task.await.map_err(|_panic| Problem::bug())
}
// ANCHOR_END: hang_up

impl Shop {
    async fn ask_the_bank(&self) -> &'static str {
        self.asked.notify_one();
        self.bank.wait().step("asking the bank").await;
        say!("done");
        "done"
    }
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, stage::record::Ending};

    use super::*;

    #[tokio::test]
    async fn a_handler_ends_with_its_client_and_a_task_of_its_own_does_not() {
        let seen = Transcript::of(story(Duration::ZERO)).await;
        assert_eq!(seen.ending("price"), Some(Ending::Dropped), "{seen}");
        assert_eq!(seen.ending("order"), Some(Ending::Done), "{seen}");
        let said: Vec<_> = seen.lines().iter().map(|line| line.text.as_str()).collect();
        assert_eq!(said[2..], ["no connection is left, but 1 task is", "done"], "{seen}");
    }
}
