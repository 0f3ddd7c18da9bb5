//! The guard does not know that the download has ended, and logs a second line.
//! message: it must know whether the download has ended.

use async_kit::{Lane, Millis, exercise, say};
use tokio::{
    join,
    time::{Instant, sleep, timeout},
};

type Downloaded = Result<u32, String>;

async fn timed(download: impl Future<Output = Downloaded>) -> Downloaded {
    let timer = Timer(Instant::now());
    let result = download.await;
    let ms = timer.0.elapsed().as_millis();
    match &result {
        Ok(_) => say!("done in {ms} ms"),
        Err(_) => say!("failed in {ms} ms"),
    }
    result
}

struct Timer(Instant);

impl Drop for Timer {
    fn drop(&mut self) {
        say!("cancelled after {} ms", self.0.elapsed().as_millis());
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
