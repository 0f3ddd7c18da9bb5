//! One cell for the user that is asked for twice in the example, and none for the others.
//! message: Pages share the download of every picture.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use async_kit::{Lane, Millis, exercise, say};
use tokio::{
    join,
    sync::OnceCell,
    time::{sleep, timeout},
};

/// Downloads the picture of a user, and must not change.
async fn download(user: &'static str) -> String {
    sleep(50.ms()).step("download").lane(format!("picture of {user}")).await;
    format!("{user}.png")
}

#[derive(Default)]
struct Pictures {
    cells: Mutex<HashMap<&'static str, Arc<OnceCell<String>>>>,
}

impl Pictures {
    async fn get(&self, user: &'static str) -> String {
        if user != "ann" {
            return download(user).await;
        }
        let cell = Arc::clone(self.cells.lock().unwrap().entry(user).or_default());
        cell.get_or_init(|| download(user)).await.clone()
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
