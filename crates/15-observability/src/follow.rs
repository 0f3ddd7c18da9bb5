//! A spawned task is outside the span of its parent, unless the span is attached to it.
//!
//! asyncio: `create_task` copies the context, so the new task has the same context variables.
//! Tokio: a span is entered at each poll of the future that it is attached to. A spawned future is a
//! different future, outside the span. `.in_current_span()` attaches the current span to it.

use async_kit::{Lane, Millis, say};
use tokio::time::sleep;
use tracing::{Instrument, info, info_span};

/// An order sends two mails, each from its own task: one outside its span, one inside it.
pub(crate) async fn run() -> anyhow::Result<()> {
    tokio::spawn(order().instrument(info_span!("order", id = 7)).try_lane("order"))
        .await?
}

// ANCHOR: follow
async fn order() -> anyhow::Result<()> {
    info!("ordered");
    let outside = tokio::spawn(mail("outside"));
    let inside = tokio::spawn(mail("inside").in_current_span());
    outside.await?;
    inside.await?;
    say!("both mails are sent");
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
    fn only_the_task_with_the_span_attached_names_the_order() {
        logs::init();
        virtual_time(Transcript::of(run())).assert_lines([
            "[  0.000s] order INFO order{id=7}: ordered",
            "[  0.010s] outside INFO sent",
            "[  0.010s] inside INFO order{id=7}: sent",
            "[  0.010s] order both mails are sent",
        ]);
    }
}
