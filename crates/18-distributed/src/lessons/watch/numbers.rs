//! The numbers of a queue are logged as one event of `tracing`, with a field for each number.

use std::io::{self, Write};

use async_kit::{Millis, say};
use distributed::{Queue, Status};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tracing::{info, instrument::WithSubscriber};

// ANCHOR: numbers
/// Logs the numbers when they have changed, until `end`. It asks every 50 ms, because each question costs
/// the broker time.
pub(super) async fn log_numbers(
    queue: &dyn Queue,
    end: &CancellationToken,
) -> anyhow::Result<()> {
    let mut last = None;
    let logging = async {
        loop {
            let status = queue.status().await?;
            if last.replace(status) != Some(status) {
                let Status { waiting: lag, in_flight, redelivered, dead } = status;
                info!(lag, in_flight, redelivered, dead);
            }
            sleep(50.ms()).await;
        }
    };
    let logging = logging.with_subscriber(lines());
    end.run_until_cancelled(logging).await.unwrap_or(Ok(()))
}
// ANCHOR_END: numbers

/// Writes each event as a line. It serves this future only, so the events of other crates are not shown.
fn lines() -> impl tracing::Subscriber + Send + Sync {
    let lines = tracing_subscriber::fmt().without_time().with_target(false);
    lines.with_ansi(false).with_writer(|| SayWriter).finish()
}

/// Passes each line to `say!`, which adds the time and the lane.
struct SayWriter;

impl Write for SayWriter {
    /// `fmt` writes each event with a single call, so `line` is complete.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        say!("{}", String::from_utf8_lossy(line).trim());
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};
    use distributed::{Broker, Embedded, Message, Settings};

    use super::*;

    #[test]
    fn numbers_that_do_not_change_are_logged_once() {
        let seen = virtual_time(Transcript::of(async {
            let queue = Embedded::in_memory().queue("any", Settings::default()).await?;
            let end = CancellationToken::new();
            let publish = async {
                sleep(220.ms()).await;
                queue.publish_one(Message::new("")).await?;
                sleep(220.ms()).await;
                end.cancel();
                anyhow::Ok(())
            };
            tokio::try_join!(log_numbers(&*queue, &end), publish)
        }));
        seen.assert_lines([
            "[  0.000s] INFO lag=0 in_flight=0 redelivered=0 dead=0",
            "[  0.250s] INFO lag=1 in_flight=0 redelivered=0 dead=0",
        ]);
    }
}
