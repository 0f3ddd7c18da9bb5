//! sync4 · 15 minutes · download each picture once
//!
//! Six pages show pictures, and a picture that was downloaded once is kept. Run the program:
//! two pages that need the same picture at the same time download it twice. Change `Pictures`
//! so that
//!
//! - pages that need the same picture share one download,
//! - pages that need different pictures do not wait for each other,
//! - a page that leaves while it downloads, as page 4 does, does not stop the other pages.
//!
//! Section: `cargo run -p sync-primitives -- once`. Code: crates/06-sync-primitives/src/once.rs.
//! Page: docs/src/06-sync-primitives.md.

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

// TODO: let pages share a download.
#[derive(Default)]
struct Pictures {
    known: Mutex<HashMap<&'static str, String>>,
}

impl Pictures {
    async fn get(&self, user: &'static str) -> String {
        if let Some(picture) = self.look_up(user) {
            return picture;
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_share_the_download_of_a_picture_and_wait_for_no_other() {
        let run = exercise::observe(run());
        let lanes = run.recording().lanes.iter();
        let downloads = lanes.filter(|lane| lane.name == "picture of ann").count();
        run.require(
            downloads == 1,
            format!("ann.png is downloaded {downloads} times"),
            "pages 1, 2 and 6 share one download",
            "Between the look-up and the insertion there is an await, so another page \
             looks up too early. Look up again when the wait for the other page is \
             over, and keep what was downloaded.",
        );
        run.prints_at(
            50.ms(),
            "page 3 shows bob.png",
            "Page 3 waits for the picture of another user: one lock for all pictures is \
             too much.",
        );
        run.takes_at_most(
            70.ms(),
            "Page 5 waits longer than page 4 has run, and its own download.",
        );
    }

    #[test]
    fn pages_share_a_download_also_if_the_first_of_them_leaves() {
        let run = exercise::observe(async {
            let pictures = Pictures::default();
            let leaves = async {
                let _ = tokio::time::timeout(20.ms(), show_page(&pictures, "eve")).await;
            };
            tokio::join!(
                leaves.lane("page 1"),
                show_page(&pictures, "eve").lane("page 2"),
                show_page(&pictures, "eve").lane("page 3"),
            );
        });
        for page in ["page 2", "page 3"] {
            let line = run.lines().iter().find(|it| it.lane.as_deref() == Some(page));
            let text = line.map_or("shows nothing", |line| &line.text);
            run.require(
                text == "shows eve.png",
                format!("{page} {text}"),
                format!("{page} shows eve.png"),
                "Page 1 has left during its download, and the others get no picture from \
                 it. One of them must download.",
            );
        }
        let lanes = run.recording().lanes.iter();
        let downloads = lanes.filter(|lane| lane.name == "picture of eve").count();
        run.require(
            downloads <= 2,
            format!("eve.png is downloaded {downloads} times"),
            "the download of page 1, and at most one other",
            "When page 1 leaves, all pages that waited for it download. One of them is \
             enough.",
        );
    }
}
