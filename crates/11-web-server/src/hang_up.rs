//! A client that disconnects cancels its handler, but not a task that the handler has spawned.
//!
//! By default aiohttp continues a handler when its client has disconnected. hyper drops the handler
//! at its current await, because no client waits for the response. Work that must be finished (an
//! order that is paid for) needs its own task. The shutdown must wait for such tasks, because the
//! server waits only for connections.
#![cfg(not(target_family = "wasm"))]

use std::{sync::Arc, time::Duration};

use async_kit::{Event, Lane, Millis, say};
use axum::{Router, extract::State, routing::get};
use tokio::{io::AsyncWriteExt, net::TcpStream, sync::Notify, time::sleep};
use tokio_util::task::TaskTracker;

use crate::{
    app::{problem::Problem, serve::ConnectionLimits},
    local_server::LocalServer,
};

/// Two clients disconnect while they wait for the bank, which answers after the server has ended.
pub(crate) async fn run() -> anyhow::Result<()> {
    disconnect_twice(50.ms()).await
}

async fn disconnect_twice(pause: Duration) -> anyhow::Result<()> {
    let shop = Shop::default();
    let server =
        LocalServer::start(app(shop.clone()), ConnectionLimits::default()).await?;
    for path in ["/price", "/order"] {
        let mut client = TcpStream::connect(server.address).await?;
        let request = format!("GET {path} HTTP/1.1\r\nhost: here\r\n\r\n");
        client.write_all(request.as_bytes()).await?;
        shop.bank_called.notified().await;
        sleep(pause).await;
        say!("the client of {path} disconnects");
    }
    server.stop();
    server.stopped().await?;
    say!("the server has ended; tasks still running: {}", shop.tasks.len());
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
    bank_called: Arc<Notify>,
}

fn app(shop: Shop) -> Router {
    let routes = Router::new().route("/price", get(price)).route("/order", get(order));
    routes.with_state(shop)
}

async fn price(State(shop): State<Shop>) -> &'static str {
    shop.call_the_bank().lane("price").await
}

async fn order(State(shop): State<Shop>) -> Result<&'static str, Problem> {
    let tasks = shop.tasks.clone();
    let task = tasks.spawn(async move { shop.call_the_bank().await }.lane("order"));
    task.await.map_err(|_panic| Problem::bug())
}
// ANCHOR_END: hang_up

impl Shop {
    async fn call_the_bank(&self) -> &'static str {
        self.bank_called.notify_one();
        self.bank.wait().step("waiting for the bank").await;
        say!("the bank has answered");
        "done"
    }
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, stage::record::Ending};

    use super::*;

    #[tokio::test]
    async fn a_disconnect_cancels_the_handler_and_not_the_task_it_spawned() {
        let seen = Transcript::of(disconnect_twice(Duration::ZERO)).await;
        assert_eq!(seen.ending("price"), Some(Ending::Dropped), "{seen}");
        assert_eq!(seen.ending("order"), Some(Ending::Done), "{seen}");
        let lines: Vec<_> = seen.lines().iter().map(|line| line.text.as_str()).collect();
        assert_eq!(
            lines[2..],
            ["the server has ended; tasks still running: 1", "the bank has answered"],
            "{seen}"
        );
    }
}
