//! Each task sends its result to a channel, which the loop receives from.

use anyhow::ensure;
use async_kit::{Lane, Millis, exercise, say};
use tokio::{sync::mpsc, time::sleep};

const FILMS: [(&str, u64); 3] = [("wedding", 90), ("holiday", 30), ("school", 60)];

async fn run() {
    let (send, mut ready) = mpsc::channel(FILMS.len());
    for (film, takes) in FILMS {
        let send = send.clone();
        tokio::spawn(async move {
            let developed = develop(film, takes).try_lane(film).await;
            let _ = send.send(developed).await;
        });
    }
    drop(send);
    while let Some(film) = ready.recv().await {
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
