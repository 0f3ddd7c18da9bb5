//! A NATS server is killed in the middle of a crawl and restarted with its store: nothing is lost.

use std::{sync::Arc, time::Duration};

use async_kit::lab::Lab;
use distributed::Broker;
use tokio::time::sleep;

use super::{
    brokers::{SITE, expected, fetcher, patient, requested, shown},
    server::Server,
    support::{end, member, plan, shared},
};

#[tokio::test]
async fn a_crawl_lives_through_a_server_that_is_killed_and_restarted() {
    let Some(mut server) = Server::start().await.expect("a server") else { return };
    let lab = Lab::start().await.expect("a lab");
    let plan = plan(&[&lab.url(SITE)]);
    let mut members = Vec::new();
    for _ in 0..2 {
        // Each has a connection of its own, as a process has.
        let broker: Arc<dyn Broker> = server.open().await.expect("a namespace");
        members.push(member(&broker, fetcher(), &plan, patient()));
    }
    for requests in [3, 9, 15, 21, 27] {
        lab.wait_until(|stats| stats.requests >= requests).await;
        server.kill().await.expect("it is killed");
        sleep(Duration::from_millis(fastrand::u64(0..100))).await;
        server.restart().await.expect("it is started");
    }
    for member in members {
        end(member).await;
    }
    let broker: Arc<dyn Broker> = server.open().await.expect("a namespace");
    assert_eq!(shown(&shared(&broker).await), expected().await);
    assert_eq!(requested(&lab).0, 30);
}
