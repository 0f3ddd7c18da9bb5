//! Pages wait for each other, and then download without a second look-up.
//! message: Look up again when the wait for the other page is over

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use async_kit::{Lane, Millis, exercise, say};
use tokio::{
    join,
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
    downloading: Mutex<HashMap<&'static str, Arc<tokio::sync::Mutex<()>>>>,
}

impl Pictures {
    async fn get(&self, user: &'static str) -> String {
        if let Some(picture) = self.look_up(user) {
            return picture;
        }
        let lock = Arc::clone(self.downloading.lock().unwrap().entry(user).or_default());
        let _one_at_a_time = lock.lock().await;
        let picture = download(user).await;
        self.known.lock().unwrap().insert(user, picture.clone());
        picture
    }

    fn look_up(&self, user: &str) -> Option<String> {
        self.known.lock().unwrap().get(user).cloned()
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
