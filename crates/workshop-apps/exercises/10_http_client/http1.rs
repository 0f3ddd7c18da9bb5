//! http1 · 5 minutes · predict how many connections a client opens
//!
//! Each of five functions sends six requests to a server of its own, and the server counts the
//! connections. Read the functions, and write down the five numbers before you check them.
//!
//! Section: `cargo run -p http-client -- one_client`. Code: crates/10-http-client/src/one_client.rs.
//! Page: docs/src/10-http-client.md.

use async_kit::{exercise, lab::Lab};
use futures::future::try_join_all;
use reqwest::{Client, ClientBuilder};

// TODO: replace each 9999 by the number of connections that the server counts.
const PREDICTION: [(&str, u64); 5] = [
    ("one after another", 9999),
    ("a client for each", 9999),
    ("concurrently", 9999),
    ("concurrently, a pool of one", 9999),
    ("bodies not read yet", 9999),
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

#[cfg(test)]
mod tests {
    use async_kit::exercise;

    use super::{PREDICTION, run};

    const MISTAKES: [&str; 5] = [
        "A client keeps a connection whose body has been read, and the next request uses it.",
        "Each client has its own pool, so a new client has no open connection to reuse.",
        "HTTP/1.1 has one request at a time on a connection: six at the same time need six.",
        "A pool of one limits how many idle connections are kept. It limits no request.",
        "A connection is free when the body has been read to its end, not with the headers.",
    ];

    #[test]
    fn the_prediction_is_what_the_server_counts() {
        let run = exercise::observe_in_real_time(run());
        let counts = run.output().as_ref().expect("each server is on this machine");
        let filled_in = PREDICTION.iter().all(|(_, predicted)| *predicted != 9999);
        let first = "Read the five functions, and replace each 9999.";
        run.require(filled_in, "there is a 9999 left", "five numbers", first);
        for (((version, predicted), counted), mistake) in
            PREDICTION.iter().zip(counts).zip(MISTAKES)
        {
            run.require(
                predicted == counted,
                format!("\"{version}\": the server counts {counted}"),
                format!("you predicted {predicted}"),
                mistake,
            );
        }
    }
}
