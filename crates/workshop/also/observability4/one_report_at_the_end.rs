//! The number of lost lines is the result of the shop, and is reported once, at the end.

use async_kit::{
    Lane, Millis,
    exercise::{self, Counted, Tally},
    say,
};
use tokio::{
    join,
    sync::{mpsc, oneshot},
    time::sleep,
};

/// A line of the log; it is counted as long as it is in memory. Given code: do not change it.
struct Line {
    order: u32,
    _in_memory: Counted,
}

async fn sell(log: mpsc::Sender<Line>, lines: Tally) -> usize {
    let mut lost = 0;
    for order in 1..=8 {
        sleep(10.ms()).await;
        if let Err(mpsc::error::TrySendError::Full(_)) =
            log.try_send(Line { order, _in_memory: lines.track() })
        {
            lost += 1;
        }
        say!("sold {order}");
    }
    lost
}

async fn write(mut log: mpsc::Receiver<Line>, lost: oneshot::Receiver<usize>) {
    while let Some(line) = log.recv().await {
        sleep(45.ms()).step("write").await;
        say!("wrote {}", line.order);
    }
    say!("lost {} lines", lost.await.expect("the shop has closed"));
}

async fn run(lines: Tally) {
    let (send, receive) = mpsc::channel(2);
    let (report, lost) = oneshot::channel();
    let shop = async { report.send(sell(send, lines).await) };
    let _ = join!(shop.lane("shop"), write(receive, lost).lane("disk"));
}

fn main() {
    exercise::show(run(Tally::default()));
}
