//! The handles are awaited in the order of the list.
//! message: The loop waits for the films in the order of the list

use anyhow::ensure;
use async_kit::{Lane, Millis, exercise, say};
use tokio::time::sleep;

const FILMS: [(&str, u64); 3] = [("wedding", 90), ("holiday", 30), ("school", 60)];

async fn run() {
    let start = |(film, takes)| tokio::spawn(develop(film, takes).try_lane(film));
    let tasks: Vec<_> = FILMS.into_iter().map(start).collect();
    for task in tasks {
        match task.await.expect("no film panics") {
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
