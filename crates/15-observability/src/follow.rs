//! A spawned task is outside the span of its parent, until the span goes with it.
//!
//! asyncio: `create_task` copies the context, so a context variable follows by itself. Tokio: a
//! span is entered on each poll of the future it is attached to, and a spawned future is another
//! one. `.in_current_span()` hands it on.

use async_kit::{Lane, Millis, say};
use tokio::time::sleep;
use tracing::{Instrument, info, info_span};

/// An order sends two mails, each from a task of its own.
pub(crate) async fn run() -> anyhow::Result<()> {
    tokio::spawn(order().instrument(info_span!("order", id = 7)).try_lane("order"))
        .await?
}

// ANCHOR: follow
async fn order() -> anyhow::Result<()> {
    info!("ordered");
    let stray = tokio::spawn(mail("stray"));
    let followed = tokio::spawn(mail("followed").in_current_span());
    stray.await?;
    followed.await?;
    say!("both mails are out");
    Ok(())
}
// ANCHOR_END: follow

async fn mail(name: &'static str) {
    let sent = async {
        sleep(10.ms()).step("sending").await;
        info!("sent");
    };
    sent.lane(name).await;
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;
    use crate::logs;

    #[test]
    fn only_the_task_that_took_the_span_along_names_the_order() {
        logs::init();
        virtual_time(Transcript::of(run())).assert_lines([
            "[  0.000s] order INFO order{id=7}: ordered",
            "[  0.010s] stray INFO sent",
            "[  0.010s] followed INFO order{id=7}: sent",
            "[  0.010s] order both mails are out",
        ]);
    }
}
