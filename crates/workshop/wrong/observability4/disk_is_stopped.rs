//! The disk is stopped when the shop closes, although lines still wait for it.
//! message: it must not stop when the shop closes.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

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

async fn sell(log: mpsc::Sender<Line>, lost: &AtomicUsize, lines: Tally) {
    for order in 1..=8 {
        sleep(10.ms()).await;
        if log.try_send(Line { order, _in_memory: lines.track() }).is_err() {
            lost.fetch_add(1, Relaxed);
        }
        say!("sold {order}");
    }
}

async fn write(mut log: mpsc::Receiver<Line>, lost: &AtomicUsize) {
    while let Some(line) = log.recv().await {
        sleep(45.ms()).step("write").await;
        say!("wrote {}", line.order);
        let lost = lost.swap(0, Relaxed);
        if lost > 0 {
            say!("lost {lost} lines");
        }
    }
}

async fn run(lines: Tally) {
    let lost = AtomicUsize::new(0);
    let (send, receive) = mpsc::channel(2);
    let (shop, disk) = (sell(send, &lost, lines), write(receive, &lost));
    tokio::select! {
        () = shop.lane("shop") => {}
        () = disk.lane("disk") => {}
    }
}

fn main() {
    exercise::show(run(Tally::default()));
}
