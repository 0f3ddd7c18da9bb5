//! The map is locked while a picture is downloaded, so all pages wait for it.
//! message: one lock for all pictures is too much.

use std::collections::HashMap;

use async_kit::{Lane, Millis, exercise, say};
use tokio::{
    join,
    sync::Mutex,
    time::{sleep, timeout},
};

/// Downloads the picture of a user, and must not change.
async fn download(user: &'static str) -> String {
    sleep(50.ms()).step("download").lane(format!("picture of {user}")).await;
    format!("{user}.png")
}

#[derive(Default)]
struct Pictures {
    known: Mutex<HashMap<&'static str, String>>,
}

impl Pictures {
    async fn get(&self, user: &'static str) -> String {
        let mut known = self.known.lock().await;
        if !known.contains_key(user) {
            let picture = download(user).await;
            known.insert(user, picture);
        }
        known[user].clone()
    }
}

async fn show_page(pictures: &Pictures, user: &'static str) {
    let picture = pictures.get(user).await;
    say!("shows {picture}");
}

async fn run() {
    let pictures = Pictures::default();
    let leaves = async {
        let _ = timeout(20.ms(), show_page(&pictures, "eve")).await;
    };
    join!(
        show_page(&pictures, "ann").lane("page 1"),
        show_page(&pictures, "ann").lane("page 2"),
        show_page(&pictures, "bob").lane("page 3"),
        leaves.lane("page 4"),
        show_page(&pictures, "eve").lane("page 5"),
    );
    show_page(&pictures, "ann").lane("page 6").await;
}

fn main() {
    exercise::show(run());
}
