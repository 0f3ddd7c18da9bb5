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
    use async_kit::{Lane, Millis, exercise};

    use super::{Pictures, run, show_page};

    const WAITS_FOREVER: &str = "A page waits for a download that was dropped with the \
                                 page that left. What wakes the pages that wait?";

    fn downloads<T>(run: &exercise::Observed<T>, user: &str) -> usize {
        let lanes = run.recording().lanes.iter();
        lanes.filter(|lane| lane.name == format!("picture of {user}")).count()
    }

    #[test]
    fn check_1_pages_share_the_download_of_a_picture_and_wait_for_no_other() {
        let run = exercise::observe_or(run(), WAITS_FOREVER);
        let downloads = downloads(&run, "ann");
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
            "Page 5 is late: page 4 leaves after 20 ms, and then page 5 downloads for 50 ms.",
        );
    }

    #[test]
    fn check_2_pages_share_a_download_also_if_the_first_of_them_leaves() {
        let pages = async {
            let pictures = Pictures::default();
            let leaves = async {
                let _ = tokio::time::timeout(20.ms(), show_page(&pictures, "eve")).await;
            };
            tokio::join!(
                leaves.lane("page 1"),
                show_page(&pictures, "eve").lane("page 2"),
                show_page(&pictures, "eve").lane("page 3"),
                show_page(&pictures, "bob").lane("page 4"),
                show_page(&pictures, "bob").lane("page 5"),
            );
            show_page(&pictures, "eve").lane("page 6").await;
        };
        let run = exercise::observe_or(pages, WAITS_FOREVER);
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
        let bob = downloads(&run, "bob");
        run.require(
            bob == 1,
            format!("bob.png is downloaded {bob} times"),
            "pages 4 and 5 share one download",
            "Two pages need bob.png at the same time, and each downloads it. Pages share \
             the download of every picture.",
        );
        run.never_more_than(
            "download",
            2,
            "Page 1 left, and each waiting page downloads for itself. One of them \
             downloads, and the others continue to wait.",
        );
        let eve = downloads(&run, "eve");
        run.require(
            eve <= 2,
            format!("eve.png is downloaded {eve} times"),
            "the download of page 1, and at most one other",
            "A page downloads again what another page has downloaded after page 1 left. \
             That download must be shared and kept too.",
        );
    }
}
