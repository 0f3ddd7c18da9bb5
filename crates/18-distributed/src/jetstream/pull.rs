//! A pull request returns what is ready, and waits only if no message is ready.

use std::time::Duration;

use async_nats::{Client, Message, StatusCode, Subscriber};
use bytes::Bytes;
use futures::{FutureExt, StreamExt};
use serde_json::json;
use tokio::{
    task::unconstrained,
    time::{Instant, timeout},
};

use super::{
    failure::{Failed, silent},
    work_queue::WorkQueueStream,
};
use crate::BrokerError;

/// How long the server keeps a request without messages. Arbitrary: then the next one is sent.
const EXPIRES: Duration = Duration::from_secs(30);

/// How often the server reports that it still has the request. It does not answer a request to a consumer
/// that was removed.
const HEARTBEAT: Duration = Duration::from_secs(2);

/// After how long without a report or a message the request counts as lost.
const SILENCE: Duration = Duration::from_secs(5);

/// After how long a request that has messages asks why no more come. Usually the end follows on the last
/// message in the same packet. If `max_ack_pending` is reached, the server keeps the request until its next
/// report. Arbitrary: short for a worker, and longer than a server pauses between two messages.
const MORE: Duration = Duration::from_millis(20);

/// A request for messages. If it is dropped before it is over, the server forgets it.
///
/// The server notices only when it looks through its requests that this one has no listener any more, and
/// until then it can select this one for a redelivery. Before version 2.10.14 the server then takes one step
/// back, and delivers the last message of the partition again: immediately, and as if for the first time. A
/// request for the state of the consumer makes it look.
struct PullRequest<'a> {
    /// None only while it is dropped.
    messages: Option<Subscriber>,
    client: &'a Client,
    info_subject: String,
    /// Whether the server has ended it.
    is_over: bool,
}

impl<'a> PullRequest<'a> {
    async fn send(
        queue: &WorkQueueStream,
        client: &'a Client,
        partition: usize,
        max: usize,
    ) -> Result<Self, async_nats::Error> {
        let inbox = client.new_inbox();
        let messages = Some(client.subscribe(inbox.clone()).await?);
        let info_subject = queue.info_subject(partition);
        let pull_request = Self { messages, client, info_subject, is_over: false };
        // With `no_wait` the request ends after the messages that are ready, and with `expires` it waits for
        // the first one nevertheless.
        let request = json!({
            "batch": max,
            "no_wait": max > 1,
            "expires": EXPIRES.as_nanos() as u64,
            "idle_heartbeat": HEARTBEAT.as_nanos() as u64,
        });
        let subject = queue.pull_subject(partition);
        client.publish_with_reply(subject, inbox, request.to_string().into()).await?;
        Ok(pull_request)
    }

    fn messages(&mut self) -> &mut Subscriber {
        self.messages.as_mut().expect("it is not dropped")
    }
}

impl Drop for PullRequest<'_> {
    fn drop(&mut self) {
        drop(self.messages.take());
        if !self.is_over {
            let (inbox, subject) = (self.client.new_inbox(), self.info_subject.clone());
            let ask = self.client.publish_with_reply(subject, inbox, Bytes::new());
            // Without a wait, so that the server receives it together with the end of the subscription. If
            // the client has no room for it, the server looks later.
            unconstrained(ask).now_or_never();
        }
    }
}

/// Asks for at most `max` messages of a partition. An empty list means that none came in 30 s.
pub(super) async fn pull(
    queue: &WorkQueueStream,
    client: &Client,
    partition: usize,
    max: usize,
) -> Result<Vec<Message>, Failed<BrokerError>> {
    let lost = |why: &str| Failed::NoAnswer(why.to_owned());
    let request = PullRequest::send(queue, client, partition, max).await;
    let mut request = request.map_err(|error| lost(&error.to_string()))?;

    let mut received = Vec::new();
    let mut was_blocked = false;
    let mut last_report = Instant::now();
    while received.len() < max {
        let limit = if received.is_empty() { SILENCE } else { MORE };
        let report = timeout(limit, request.messages().next()).await;
        if report.is_ok() {
            last_report = Instant::now();
        }
        match report {
            Ok(Some(message)) if is_delivery(&message) => {
                received.push(message);
                was_blocked = false;
            }
            Ok(Some(message)) if message.status == Some(StatusCode::IDLE_HEARTBEAT) => {}
            Ok(Some(message)) => {
                request.is_over = true;
                match message.status {
                    Some(StatusCode::NOT_FOUND | StatusCode::TIMEOUT) => break,
                    _ if !received.is_empty() => break,
                    Some(StatusCode::NO_RESPONDERS) => return Err(Failed::NoListener),
                    _ => return Err(lost(&message.description.unwrap_or_default())),
                }
            }
            Ok(None) if received.is_empty() => return Err(lost("the connection broke")),
            Ok(None) => break,
            Err(_) if received.is_empty() => {
                return Err(Failed::NoAnswer(silent("no report of a request")));
            }
            // Its last messages may still be on their way.
            Err(_) if !was_blocked && last_report.elapsed() < SILENCE => {
                was_blocked = queue.is_blocked(partition).await;
            }
            Err(_) => {
                // What the server has sent until now arrives, unless the network is slow: the client ends the
                // subscription at its next turn, and does not wait until the server has ended it. A
                // message that comes later is delivered again after `ack_wait`.
                request.messages().drain().await.ok();
                received.extend(request.messages().by_ref().collect::<Vec<_>>().await);
                received.retain(is_delivery);
                break;
            }
        }
    }
    request.is_over |= received.len() == max;
    Ok(received)
}

/// What the server itself reports has no subject for an acknowledgement. A message of another program
/// may have the status of such a report.
fn is_delivery(message: &Message) -> bool {
    message.reply.is_some()
}
