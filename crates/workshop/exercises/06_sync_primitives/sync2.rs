//! sync2 · 10 minutes · never upload more than three files at the same time
//!
//! The program uploads all files at the same time, and the server allows three connections.
//! Change `run`: never more than three files are uploaded at the same time, and when an upload
//! ends, in whatever way, the next one starts immediately. `run` returns the number of files
//! that the server has accepted.
//!
//! Section: `cargo run -p sync-primitives -- semaphore`. Code: crates/06-sync-primitives/src/semaphore.rs.
//! Page: docs/src/06-sync-primitives.md.

use anyhow::ensure;
use async_kit::{Lane, Millis, exercise};
use futures::future::join_all;
use tokio::time::sleep;

/// A file: its name, and how long its upload takes in milliseconds.
#[derive(Clone, Copy)]
struct File(&'static str, u64);

const FILES: [File; 7] = [
    File("film.mov", 100),
    File("a.tmp", 20),
    File("b.tmp", 20),
    File("notes.txt", 20),
    File("c.tmp", 20),
    File("photo.jpg", 40),
    File("logo.svg", 20),
];

/// Uploads one file, and must not change. The server refuses temporary files.
async fn upload(File(name, millis): File) -> anyhow::Result<()> {
    let upload = async {
        sleep(millis.ms()).step("upload").await;
        ensure!(!name.ends_with(".tmp"), "{name} is refused");
        Ok(())
    };
    upload.try_lane(name).await
}

// TODO: never more than three at the same time.
async fn run() -> usize {
    let uploads = FILES.map(upload);
    let results = join_all(uploads).await;
    results.iter().filter(|result| result.is_ok()).count()
}

fn main() {
    exercise::show(run());
}

#[cfg(test)]
mod tests {
    use async_kit::{exercise, stage::record::What};

    use super::run;

    #[test]
    fn three_files_are_uploaded_at_the_same_time_and_never_more() {
        let run = exercise::observe_or(
            run(),
            "An upload waits for a permit that is never released: an error leaves before \
             the line that releases it. A permit in a variable is released by its drop.",
        );
        run.never_more_than(
            "upload",
            3,
            "Nothing limits the uploads, or a permit is dropped before its upload has \
             ended: `let _ = …` drops a value immediately, `let _permit = …` at the end \
             of the block.",
        );
        run.concurrently(
            "upload",
            3,
            "Connections are free: the limit is too low, each upload waits for the one \
             before it, or an error keeps its permit.",
        );
        run.returns(
            4,
            "The server accepts four files: a refused file must not stop the others.",
        );
        let (mut starts, mut ends) = (Vec::new(), Vec::new());
        for event in &run.recording().events {
            match event.what {
                What::StepIn(..) => starts.push(event.at.as_millis()),
                What::StepOut(_) => ends.push(event.at.as_millis()),
                _ => {}
            }
        }
        run.require(
            starts.len() == 7,
            format!("{} uploads", starts.len()),
            "each of the seven files is uploaded once",
            "The server refuses a file, not the program.",
        );
        run.require(
            starts[3..] == ends[..4],
            format!("uploads end at {ends:?} ms, and start at {starts:?} ms"),
            "when one of the first four ends, the next one starts",
            "A connection is free while there are files: the next file waits for a \
             whole group or for the order of the results, its worker is busy, or an \
             error keeps its permit.",
        );
    }
}
