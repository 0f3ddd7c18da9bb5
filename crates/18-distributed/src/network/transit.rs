//! Packets arrive in the order of their times, and at the same time in the order of their clients.

use std::{collections::BTreeMap, time::Duration};

use tokio::{
    select,
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    time::{Instant, sleep_until},
};

/// What happens when a packet arrives.
type Arrive = Box<dyn FnOnce() + Send>;

struct Packet {
    at: Instant,
    client: usize,
    arrive: Arrive,
}

/// Sends packets to the task that keeps those which have not arrived yet.
#[derive(Clone)]
pub(super) struct Transit(UnboundedSender<Packet>);

impl Transit {
    /// Starts the task, which ends when all handles are dropped and all packets have arrived.
    pub(super) fn start() -> Self {
        let (sender, sent) = unbounded_channel();
        tokio::spawn(carry(sent));
        Self(sender)
    }

    /// Sends a packet of this client that arrives after this time.
    pub(super) fn send(
        &self,
        client: usize,
        after: Duration,
        arrive: impl FnOnce() + Send + 'static,
    ) {
        let packet =
            Packet { at: Instant::now() + after, client, arrive: Box::new(arrive) };
        // The task ends before its handles only with its runtime, and then nothing arrives any more.
        let _ = self.0.send(packet);
    }
}

async fn carry(mut sent: UnboundedReceiver<Packet>) {
    let mut in_transit = BTreeMap::<(Instant, usize, u64), Arrive>::new();
    // Packets of a client that arrive at the same time arrive in the order in which they were sent.
    let mut number = 0_u64;
    loop {
        let next = in_transit.first_key_value().map(|((at, ..), _)| *at);
        select! {
            biased;
            Some(packet) = sent.recv() => {
                let Packet { at, client, arrive } = packet;
                in_transit.insert((at, client, number), arrive);
                number += 1;
            }
            () = async { sleep_until(next.expect("it is enabled")).await }, if next.is_some() => {
                let now = Instant::now();
                while let Some(first) = in_transit.first_entry()
                    && first.key().0 <= now
                {
                    first.remove()();
                }
            }
            else => return,
        }
    }
}
