//! `FuturesUnordered` runs the films inside one task, and yields each one when it is ready.

use anyhow::ensure;
use async_kit::{Lane, Millis, exercise, say};
use futures::{StreamExt, stream::FuturesUnordered};
use tokio::time::sleep;

const FILMS: [(&str, u64); 3] = [("wedding", 90), ("holiday", 30), ("school", 60)];

async fn run() {
    let start = |(film, takes)| develop(film, takes).try_lane(film);
    let mut films: FuturesUnordered<_> = FILMS.into_iter().map(start).collect();
    while let Some(film) = films.next().await {
        match film {
            Ok(film) => {
                sleep(10.ms()).await;
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
