//! The queue has no bound: nothing is lost, and the log fills the memory.
//! message: on a slow disk the log fills the memory.

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

async fn sell(log: mpsc::UnboundedSender<Line>, lines: Tally) {
    for order in 1..=8 {
        sleep(10.ms()).await;
        let _ = log.send(Line { order, _in_memory: lines.track() });
        say!("sold {order}");
    }
}

async fn write(mut log: mpsc::UnboundedReceiver<Line>) {
    while let Some(line) = log.recv().await {
        sleep(45.ms()).step("write").await;
        say!("wrote {}", line.order);
    }
}

async fn run(lines: Tally) {
    let (send, receive) = mpsc::unbounded_channel();
    join!(sell(send, lines).lane("shop"), write(receive).lane("disk"));
}

fn main() {
    exercise::show(run(Tally::default()));
}
