//! When a page that downloads leaves, all pages that wait for it download.
//! message: each waiting page downloads for itself. One of them downloads, and the others continue to wait.

use std::{collections::HashMap, sync::Mutex};

use async_kit::{Lane, Millis, exercise, say};
use tokio::{
    join,
    sync::watch,
    time::{sleep, timeout},
};

/// Downloads the picture of a user, and must not change.
async fn download(user: &'static str) -> String {
    sleep(50.ms()).step("download").lane(format!("picture of {user}")).await;
    format!("{user}.png")
}

#[derive(Default)]
struct Pictures {
    loading: Mutex<HashMap<&'static str, watch::Receiver<Option<String>>>>,
}

impl Pictures {
    async fn get(&self, user: &'static str) -> String {
        let found = self.loading.lock().unwrap().get(user).cloned();
        if let Some(mut result) = found {
            let shared = match result.wait_for(Option::is_some).await {
                Ok(picture) => picture.clone(),
                Err(_) => None,
            };
            return match shared {
                Some(picture) => picture,
                None => download(user).await,
            };
        }
        let (send, receive) = watch::channel(None);
        self.loading.lock().unwrap().insert(user, receive);
        let picture = download(user).await;
        send.send_replace(Some(picture.clone()));
        picture
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
