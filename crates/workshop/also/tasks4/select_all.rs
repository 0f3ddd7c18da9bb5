//! `select_all` returns the film that is ready first, and the futures that are left.

use anyhow::ensure;
use async_kit::{Lane, Millis, exercise, say};
use futures::future::select_all;
use tokio::time::sleep;

const FILMS: [(&str, u64); 3] = [("wedding", 90), ("holiday", 30), ("school", 60)];

async fn run() {
    let start = |(film, takes)| tokio::spawn(develop(film, takes).try_lane(film));
    let mut tasks: Vec<_> = FILMS.into_iter().map(start).collect();
    while !tasks.is_empty() {
        let (film, _, left) = select_all(tasks).await;
        tasks = left;
        match film.expect("no film panics") {
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
