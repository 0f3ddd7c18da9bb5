//! A guard takes the download off the list when its page leaves, and wakes the others.

use std::{collections::HashMap, sync::Mutex};

use async_kit::{Lane, Millis, exercise, say};
use tokio::{
    join,
    sync::Notify,
    time::{sleep, timeout},
};

/// Downloads the picture of a user, and must not change.
async fn download(user: &'static str) -> String {
    sleep(50.ms()).step("download").lane(format!("picture of {user}")).await;
    format!("{user}.png")
}

#[derive(Default)]
struct Pictures {
    known: Mutex<HashMap<&'static str, Option<String>>>,
    changed: Notify,
}

/// The page that downloads.
struct Downloader<'a>(&'a Pictures, &'static str);

impl Drop for Downloader<'_> {
    fn drop(&mut self) {
        self.0.known.lock().unwrap().retain(|user, it| *user != self.1 || it.is_some());
        self.0.changed.notify_waiters();
    }
}

impl Pictures {
    async fn get(&self, user: &'static str) -> String {
        loop {
            let changed = self.changed.notified();
            let known = self.known.lock().unwrap().get(user).cloned();
            match known {
                Some(Some(picture)) => return picture,
                Some(None) => changed.await,
                None => {
                    self.known.lock().unwrap().insert(user, None);
                    break;
                }
            }
        }
        let _downloader = Downloader(self, user);
        let picture = download(user).await;
        self.known.lock().unwrap().insert(user, Some(picture.clone()));
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
