//! observability1 · 10 minutes · log how a call ended, also if it was cancelled
//!
//! `timed` runs a download, and logs how the download ended and how long it took. Run the program:
//! three downloads start, but the log has only two. The download that reached the time limit is
//! missing, and it is the slowest one. Change `timed` so that each download logs exactly one line:
//!
//! - `done in 30 ms` or `failed in 60 ms` when it ends, as now;
//! - `cancelled after 80 ms` if it is dropped before it has ended.
//!
//! A download that never began to run logs nothing. `timed` still returns the result.
//!
//! Section: `cargo run -p observability -- timed`. Code: crates/15-observability/src/timed.rs.
//! Page: docs/src/15-observability.md.

use async_kit::{Lane, Millis, exercise, say};
use tokio::{
    join,
    time::{Instant, sleep, timeout},
};

type Downloaded = Result<u32, String>;

// TODO: log a cancelled download too.
async fn timed(download: impl Future<Output = Downloaded>) -> Downloaded {
    let start = Instant::now();
    let result = download.await;
    let ms = start.elapsed().as_millis();
    match &result {
        Ok(_) => say!("done in {ms} ms"),
        Err(_) => say!("failed in {ms} ms"),
    }
    result
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

#[cfg(test)]
mod tests {
    use async_kit::{Lane, Millis, exercise};
    use tokio::time::{sleep, timeout};

    use super::{download, run, timed};

    const DROPPED: &str = "Code after an `.await` does not run if the future is dropped \
                           at that `.await`. Which code of Rust runs when a value is \
                           dropped?";

    #[test]
    fn check_2_a_cancelled_download_is_logged_when_it_is_dropped() {
        let run = exercise::observe(run());
        let begin = run.lines().iter().filter(|line| line.at.is_zero()).count();
        let held = "A guard lives as long as its variable. `let _ = …` has no variable: \
                    it drops its value immediately.";
        let happened = format!("{} at 0 ms", in_words(begin));
        run.require(begin == 0, happened, "no line", held);
        let cut = run.lines().iter().any(|line| line.text.starts_with("cancelled"));
        let clock = "The guard needs the moment at which the download began, by the clock \
                     of `tokio::time`.";
        let likely = if cut { clock } else { DROPPED };
        run.prints_at(80.ms(), "film cancelled after 80 ms", likely);
        let song = async {
            let _ = timeout(45.ms(), timed(download(100, 1)).try_lane("song")).await;
        };
        let run = exercise::observe(song);
        let caller = "`timed` does not know its caller's limit. Whatever the limit is, the \
                      future of `timed` is dropped: which code of Rust runs then?";
        run.prints_at(45.ms(), "song cancelled after 45 ms", caller);
    }

    fn in_words(lines: usize) -> String {
        format!("{lines} line{}", if lines == 1 { "" } else { "s" })
    }

    #[test]
    fn check_3_each_download_logs_exactly_one_line() {
        let run = exercise::observe(run());
        let again = "A guard is dropped at the end of every call, not only of a \
                     cancelled one: it must know whether the download has ended.";
        for lane in ["logo", "page", "film"] {
            let lines = run.lines().iter().filter(|it| it.lane.as_deref() == Some(lane));
            let count = lines.count();
            let happened = format!("{lane} logged {}", in_words(count));
            let likely = if count == 0 { DROPPED } else { again };
            run.require(count == 1, happened, "each download logs one line", likely);
        }
        let ended = "The line of a download that has ended stays as it was.";
        run.prints_at(30.ms(), "logo done in 30 ms", ended);
        run.prints_at(60.ms(), "page failed in 60 ms", ended);
    }

    #[test]
    fn check_1_a_download_that_never_ran_logs_nothing() {
        let run = exercise::observe(async { drop(timed(download(100, 1))) });
        let early = "The guard was made by the call of `timed`. It must be made when the \
                     future runs.";
        let count = run.lines().len();
        run.require(count == 0, in_words(count), "no line", early);
    }

    #[test]
    fn check_5_the_time_of_a_download_begins_when_it_runs() {
        let late = async {
            let song = timed(download(30, 1));
            sleep(20.ms()).await;
            let _ = song.try_lane("song").await;
        };
        let call = "The time was taken by the call of `timed`. A future may run much later \
                    than it was made.";
        exercise::observe(late).prints_at(50.ms(), "song done in 30 ms", call);
    }

    #[test]
    fn check_4_the_result_is_returned() {
        let pass_on = "`timed` only observes: it returns what the download returned.";
        exercise::observe(timed(download(30, 900))).returns(Ok(900), pass_on);
        let failed = Err("the file is empty".to_owned());
        exercise::observe(timed(download(30, 0))).returns(failed, pass_on);
    }
}
