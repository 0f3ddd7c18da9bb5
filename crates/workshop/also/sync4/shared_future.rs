//! All pages await clones of one future, which any of them polls.

use std::{collections::HashMap, sync::Mutex};

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

use futures::{
    FutureExt,
    future::{BoxFuture, Shared},
};

#[derive(Default)]
struct Pictures {
    downloads: Mutex<HashMap<&'static str, Shared<BoxFuture<'static, String>>>>,
}

impl Pictures {
    async fn get(&self, user: &'static str) -> String {
        let start = || download(user).boxed().shared();
        let picture =
            self.downloads.lock().unwrap().entry(user).or_insert_with(start).clone();
        picture.await
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
