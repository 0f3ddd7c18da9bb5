//! A flag says that a page downloads. If the page leaves, the flag stays, and others wait forever.
//! message: What wakes the pages that wait?

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

impl Pictures {
    async fn get(&self, user: &'static str) -> String {
        loop {
            let changed = self.changed.notified();
            let known = self.look_up(user);
            match known {
                Some(Some(picture)) => return picture,
                Some(None) => changed.await,
                None => break,
            }
        }
        let picture = download(user).await;
        self.known.lock().unwrap().insert(user, Some(picture.clone()));
        self.changed.notify_waiters();
        picture
    }

    /// The entry of the user. If there is none, an entry without a picture is made.
    fn look_up(&self, user: &'static str) -> Option<Option<String>> {
        let mut known = self.known.lock().unwrap();
        let found = known.get(user).cloned();
        known.entry(user).or_insert(None);
        found
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
