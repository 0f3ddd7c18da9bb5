//! A settlement is reported as done only when the server has confirmed it.

use std::time::Duration;

use async_nats::{Message, Request, jetstream::AckKind};
use bytes::Bytes;
use futures::future::join_all;

use super::{
    failure::{Failed, REMOVED},
    link::Link,
    rounds::Rounds,
};
use crate::{BrokerError, Settle, Token, settings::storable};

/// The content of the reply subject of a received message. The token is the subject.
///
/// It is `$JS.ACK.STREAM.CONSUMER.DELIVERIES.SEQUENCE.…`, with two more parts before the stream in later
/// versions.
pub(super) struct Held {
    pub(super) token: Token,
    pub(super) deliveries: u32,
    /// The number of the message in its stream.
    pub(super) sequence: u64,
}

impl Held {
    pub(super) fn of(received: &Message) -> Option<Self> {
        let token = Token(received.reply.as_ref()?.to_string());
        let (deliveries, sequence) = (part(&token, 0)?, sequence(&token)?);
        Some(Self { token, deliveries: u32::try_from(deliveries).ok()?, sequence })
    }
}

pub(super) fn sequence(token: &Token) -> Option<u64> {
    part(token, 1)
}

/// A number of the reply subject, counted from that of the deliveries.
fn part(Token(subject): &Token, index: usize) -> Option<u64> {
    let parts: Vec<_> = subject.split('.').collect();
    let first = if parts.len() >= 11 { 6 } else { 4 };
    parts.get(first + index)?.parse().ok()
}

/// Settles deliveries of a stream, all at the same time.
pub(super) async fn settle(
    link: &Link,
    stream: &str,
    tokens: &[&Token],
    how: Settle,
) -> Vec<Result<(), BrokerError>> {
    let payload = Bytes::from(match how {
        Settle::Ack => AckKind::Ack,
        Settle::Nak(Duration::ZERO) => AckKind::Nak(None),
        Settle::Nak(delay) => AckKind::Nak(Some(storable(delay))),
        Settle::InProgress => AckKind::Progress,
        Settle::Term => AckKind::Term,
    });
    let mut rounds = Rounds::new(tokens.len(), link);
    while let Some((connection, open)) = rounds.next().await {
        let ask = |&index: &usize| {
            let request = Request::new().payload(payload.clone());
            connection.request::<BrokerError>(&tokens[index].0, request)
        };
        let answers = join_all(open.iter().map(ask)).await;
        let is_unheard =
            |answer: &Result<_, _>| matches!(answer, Err(Failed::NoListener));
        let is_removed =
            answers.iter().any(is_unheard) && link.is_removed(&connection, stream).await;
        for (index, answer) in open.into_iter().zip(answers) {
            let answer = match answer {
                Err(Failed::NoListener) if is_removed => {
                    Err(Failed::Refused(BrokerError::Server(REMOVED.to_owned())))
                }
                answer => answer.map(drop),
            };
            rounds.record(index, answer);
        }
    }
    rounds.finish(BrokerError::Connection)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_subject_of_any_version_names_deliveries_and_sequence() {
        let versions = [
            "$JS.ACK.s+queue+a.partition-0.3.100.7.1790230470084404000.42",
            "$JS.ACK.hub.szMpdrwD.s+queue+a.partition-0.3.100.7.1790230470084404000.42",
            "$JS.ACK._.szMpdrwD.s+queue+a.partition-0.3.100.7.1790230470084404000.42.rand",
        ];
        for subject in versions {
            let token = Token(subject.to_owned());
            assert_eq!((part(&token, 0), sequence(&token)), (Some(3), Some(100)));
        }
    }
}
