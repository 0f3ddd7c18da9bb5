//! A pull request waits for one message, and takes those that are ready.

use std::time::Duration;

use async_nats::{Client, Message, StatusCode};
use futures::StreamExt;
use serde_json::json;
use tokio::time::timeout;

use super::{failure::Failed, work_queue::WorkQueueStream};
use crate::BrokerError;

/// How long the server keeps a request without messages. Arbitrary: then the next one is sent.
const EXPIRES: Duration = Duration::from_secs(30);

/// How often the server reports that it still has the request. It does not answer a request to a consumer
/// that was removed.
const HEARTBEAT: Duration = Duration::from_secs(2);

/// After how long without a report the request counts as lost.
const SILENCE: Duration = Duration::from_secs(5);

/// After how long a request that has messages asks why no more come. Usually the end follows on the last
/// message in the same packet. If `max_ack_pending` is reached, the server keeps the request until its next
/// report. Arbitrary: short for a worker, and longer than a server pauses between two messages.
const MORE: Duration = Duration::from_millis(20);

/// Asks for at most `max` messages of a partition. An empty list says that none came in 30 s.
///
/// A dropped call ends its subscription. The server sends no message to a request without a listener.
pub(super) async fn pull(
    queue: &WorkQueueStream,
    client: &Client,
    partition: usize,
    max: usize,
) -> Result<Vec<Message>, Failed<BrokerError>> {
    let lost = |why: &str| Failed::NoAnswer(why.to_owned());
    let inbox = client.new_inbox();
    let subscribed = client.subscribe(inbox.clone()).await;
    let mut messages = subscribed.map_err(|error| lost(&error.to_string()))?;
    // With `no_wait` the request ends after the messages that are ready, and with `expires` it waits for the
    // first one nevertheless.
    let request = json!({
        "batch": max,
        "no_wait": max > 1,
        "expires": EXPIRES.as_nanos() as u64,
        "idle_heartbeat": HEARTBEAT.as_nanos() as u64,
    });
    let sent = client
        .publish_with_reply(
            queue.pull_subject(partition),
            inbox,
            request.to_string().into(),
        )
        .await;
    sent.map_err(|error| lost(&error.to_string()))?;

    let mut received = Vec::new();
    let mut was_blocked = false;
    while received.len() < max {
        let limit = if received.is_empty() { SILENCE } else { MORE };
        match timeout(limit, messages.next()).await {
            Ok(Some(message)) if message.status.is_none() => {
                received.push(message);
                was_blocked = false;
            }
            Ok(Some(message)) => match message.status {
                Some(StatusCode::NOT_FOUND | StatusCode::TIMEOUT) => break,
                Some(StatusCode::IDLE_HEARTBEAT) => {}
                _ if !received.is_empty() => break,
                Some(StatusCode::NO_RESPONDERS) => return Err(Failed::NoListener),
                _ => return Err(lost(&message.description.unwrap_or_default())),
            },
            Ok(None) if received.is_empty() => return Err(lost("the connection broke")),
            Ok(None) => break,
            Err(_) if received.is_empty() => return Err(lost("no answer")),
            // Its last messages may still be on their way.
            Err(_) if !was_blocked => was_blocked = queue.is_blocked(partition).await,
            Err(_) => {
                // What was sent meanwhile still arrives, and then the subscription ends.
                messages.drain().await.ok();
                received.extend(messages.by_ref().collect::<Vec<_>>().await);
                received.retain(|message| message.status.is_none());
                break;
            }
        }
    }
    Ok(received)
}
