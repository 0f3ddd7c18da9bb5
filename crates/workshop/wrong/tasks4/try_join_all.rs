//! `try_join_all` is taken for `as_completed`.
//! message: An error ends the loop, and the other films are lost.

use anyhow::ensure;
use async_kit::{Lane, Millis, exercise, say};
use tokio::time::sleep;

const FILMS: [(&str, u64); 3] = [("wedding", 90), ("holiday", 30), ("school", 60)];

async fn run() {
    let films = FILMS.map(|(film, takes)| develop(film, takes).try_lane(film));
    match futures::future::try_join_all(films).await {
        Ok(films) => {
            for film in films {
                sleep(10.ms()).await;
                say!("packs {film}");
            }
        }
        Err(error) => say!("spoiled: {error}"),
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
