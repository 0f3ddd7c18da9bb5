//! The guard writes every line: its outcome is "cancelled" until the download has ended.

use async_kit::{Lane, Millis, exercise, say};
use tokio::{
    join,
    time::{Instant, sleep, timeout},
};

type Downloaded = Result<u32, String>;

async fn timed(download: impl Future<Output = Downloaded>) -> Downloaded {
    let mut log = Log { start: Instant::now(), outcome: "cancelled after" };
    let result = download.await;
    log.outcome = if result.is_ok() { "done in" } else { "failed in" };
    result
}

struct Log {
    start: Instant,
    outcome: &'static str,
}

impl Drop for Log {
    fn drop(&mut self) {
        say!("{} {} ms", self.outcome, self.start.elapsed().as_millis());
    }
}

/// Given code: do not change it. A download of 0 bytes fails.
async fn download(millis: u64, bytes: u32) -> Downloaded {
    sleep(millis.ms()).step("download").await;
    if bytes == 0 { Err("the file is empty".to_owned()) } else { Ok(bytes) }
}

/// Given code: do not change it.
async fn run() {
    let logo = timeout(80.ms(), timed(download(30, 900)).try_lane("logo"));
    let page = timeout(80.ms(), timed(download(60, 0)).try_lane("page"));
    let film = timeout(80.ms(), timed(download(500, 7_000_000)).try_lane("film"));
    let _ = join!(logo, page, film);
}

fn main() {
    exercise::show(run());
}
