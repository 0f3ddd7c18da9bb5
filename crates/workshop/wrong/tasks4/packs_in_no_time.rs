//! The 10 ms of packing are forgotten.
//! message: and pack each film for 10 ms.

use anyhow::ensure;
use async_kit::{Lane, Millis, exercise, say};
use tokio::{task::JoinSet, time::sleep};

const FILMS: [(&str, u64); 3] = [("wedding", 90), ("holiday", 30), ("school", 60)];

async fn run() {
    let mut tasks = JoinSet::new();
    for (film, takes) in FILMS {
        tasks.spawn(develop(film, takes).try_lane(film));
    }
    while let Some(ended) = tasks.join_next().await {
        match ended.expect("no film panics") {
            Ok(film) => {
                say!("packs {film}");
            }
            Err(error) => say!("spoiled: {error}"),
        }
    }
    say!("the lab closes");
}

async fn develop(film: &'static str, takes: u64) -> anyhow::Result<&'static str> {
    say!("is in the bath");
    sleep(takes.ms()).step("develop").await;
    ensure!(film != "holiday", "light has reached the film");
    Ok(film)
}

fn main() {
    exercise::show(run());
}
