//! Concurrent requests are taken to share a connection, as with HTTP/2.
//! message: six at the same time need six

use async_kit::{exercise, lab::Lab};
use futures::future::try_join_all;
use reqwest::{Client, ClientBuilder};

const PREDICTION: [(&str, u64); 5] = [
    ("one after another", 1),
    ("a client for each", 6),
    ("concurrently", 1),
    ("concurrently, a pool of one", 6),
    ("bodies not read yet", 6),
];

/// The number of connections of each function, as its server counts them.
async fn run() -> anyhow::Result<Vec<u64>> {
    let mut labs = Vec::new();
    for _ in PREDICTION {
        labs.push(Lab::start().await?);
    }
    one_after_another(&labs[0]).await?;
    a_client_for_each(&labs[1]).await?;
    concurrently(&labs[2], client()).await?;
    concurrently(&labs[3], client().pool_max_idle_per_host(1)).await?;
    bodies_not_read_yet(&labs[4]).await?;
    Ok(labs.iter().map(|lab| lab.stats().connections).collect())
}

fn client() -> ClientBuilder {
    Client::builder().no_proxy()
}

async fn one_after_another(lab: &Lab) -> reqwest::Result<()> {
    let client = client().build()?;
    for _ in 0..6 {
        client.get(lab.url("/json")).send().await?.text().await?;
    }
    Ok(())
}

async fn a_client_for_each(lab: &Lab) -> reqwest::Result<()> {
    for _ in 0..6 {
        client().build()?.get(lab.url("/json")).send().await?.text().await?;
    }
    Ok(())
}

async fn concurrently(lab: &Lab, client: ClientBuilder) -> reqwest::Result<()> {
    let client = client.build()?;
    let page = async || client.get(lab.url("/delay/100")).send().await?.text().await;
    try_join_all((0..6).map(|_| page())).await.map(drop)
}

async fn bodies_not_read_yet(lab: &Lab) -> reqwest::Result<()> {
    let client = client().build()?;
    let mut responses = Vec::new();
    for _ in 0..6 {
        responses.push(client.get(lab.url("/bytes/100000")).send().await?);
    }
    for response in responses {
        response.bytes().await?;
    }
    Ok(())
}

fn main() {
    println!("   you predict:");
    for (version, connections) in PREDICTION {
        println!("   {connections:5} connections  {version}");
    }
    if PREDICTION.iter().all(|(_, connections)| *connections != 9999) {
        exercise::show_in_real_time(run());
    }
}
