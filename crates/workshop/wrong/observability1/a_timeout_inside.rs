//! A timeout inside `timed` does not see that the caller drops `timed`.
//! message: Code after an `.await` does not run if the future is dropped at that `.await`.

use async_kit::{Lane, Millis, exercise, say};
use tokio::{
    join,
    time::{Instant, sleep, timeout},
};

type Downloaded = Result<u32, String>;

async fn timed(download: impl Future<Output = Downloaded>) -> Downloaded {
    let start = Instant::now();
    let result = timeout(1.secs(), download).await;
    let ms = start.elapsed().as_millis();
    match result {
        Ok(Ok(bytes)) => {
            say!("done in {ms} ms");
            Ok(bytes)
        }
        Ok(Err(why)) => {
            say!("failed in {ms} ms");
            Err(why)
        }
        Err(_) => {
            say!("cancelled after {ms} ms");
            Err("cancelled".to_owned())
        }
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
