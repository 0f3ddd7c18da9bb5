//! observability4 · 15 minutes · a slow log delays no order, and counts each line that it loses
//!
//! A shop sells something every 10 ms and logs it. The disk needs 45 ms for each line of the log.
//! Run the program: soon the queue is full, and the shop sells only as fast as the disk writes.
//! Change it:
//!
//! - The shop sells every 10 ms, however slow the disk is.
//! - At most two lines wait for the disk. A line for which there is no room is lost.
//! - The log reports what it has lost: the disk prints `lost 3 lines`, once or several times, so
//!   that the lines that are written and those that are reported as lost are all lines of the shop.
//! - When the shop closes, the lines that still wait are written.
//!
//! Section: `cargo run -p observability -- writer`. Code: crates/15-observability/src/writer.rs.
//! Page: docs/src/15-observability.md.

use async_kit::{
    Lane, Millis,
    exercise::{self, Counted, Tally},
    say,
};
use tokio::{join, sync::mpsc, time::sleep};

/// A line of the log; it is counted as long as it is in memory. Given code: do not change it.
struct Line {
    order: u32,
    _in_memory: Counted,
}

async fn sell(log: mpsc::Sender<Line>, lines: Tally) {
    for order in 1..=8 {
        sleep(10.ms()).await;
        // TODO: do not wait for the disk.
        let _ = log.send(Line { order, _in_memory: lines.track() }).await;
        say!("sold {order}");
    }
}

async fn write(mut log: mpsc::Receiver<Line>) {
    // TODO: report the lost lines.
    while let Some(line) = log.recv().await {
        sleep(45.ms()).step("write").await;
        say!("wrote {}", line.order);
    }
}

async fn run(lines: Tally) {
    let (send, receive) = mpsc::channel(2);
    join!(sell(send, lines).lane("shop"), write(receive).lane("disk"));
}

fn main() {
    exercise::show(run(Tally::default()));
}

#[cfg(test)]
mod tests {
    use async_kit::{
        Millis,
        exercise::{self, Tally},
    };

    use super::run;

    #[test]
    fn the_shop_never_waits_for_the_disk() {
        let run = exercise::observe(run(Tally::default()));
        let waits = "`send` waits for room, so the shop is as slow as its log.";
        for order in 1..=8 {
            run.prints_at((order * 10).ms(), &format!("shop sold {order}"), waits);
        }
    }

    #[test]
    fn the_memory_of_the_log_is_bounded() {
        let lines = Tally::default();
        let run = exercise::observe(run(lines.clone()));
        // Two wait, one is being written, and one is being sent.
        let happened = format!("{} lines were in memory at the same time", lines.peak());
        let likely = "The queue has no bound, or a task for each line waits for room: on \
                      a slow disk the log fills the memory.";
        run.require(lines.peak() <= 4, happened, "at most 4", likely);
    }

    #[test]
    fn each_line_is_written_or_reported_as_lost() {
        let run = exercise::observe(run(Tally::default()));
        let texts = run.lines().iter().filter(|it| it.lane.as_deref() == Some("disk"));
        let texts: Vec<_> = texts.map(|line| line.text.as_str()).collect();
        let written = texts.iter().filter(|text| text.starts_with("wrote")).count();
        let lost =
            texts.iter().filter_map(|text| text.strip_prefix("lost ")?.split(' ').next());
        let lost: usize = lost.filter_map(|count| count.parse::<usize>().ok()).sum();
        let happened =
            format!("of 8 lines {written} are written and {lost} reported as lost");
        let likely = match written {
            0..3 => {
                "The disk writes until it has written the last line that had room: it \
                 must not stop when the shop closes."
            }
            _ if written + lost < 8 => {
                "A line that has no room is dropped, and not counted. Report the last \
                 losses too."
            }
            _ => "A loss is reported twice: after a report the count begins at 0 again.",
        };
        run.require(
            written >= 3 && written + lost == 8,
            happened,
            "together they are 8",
            likely,
        );
    }
}
