//! A caller cannot distinguish a lost request from a lost answer: both are the same timeout.
//!
//! [`Network`] lies between clients and a broker, in virtual time or in real time. A call is two packets,
//! a request and an answer, and a [`Link`] decides about each: it arrives after some time, it arrives
//! twice, or it is lost. So a publish may be stored although the publisher got a timeout, and a delivery
//! that the broker has counted may never reach its worker. A slow broker is a link with long times: its
//! clients cannot see the difference.

mod broker;
mod link;
mod log;
mod queue;
mod transit;

use std::{
    future::pending,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    time::timeout,
};

pub use self::link::{Cut, Fate, Link, Random};
use self::{broker::RemoteBroker, transit::Transit};
use crate::Broker;

/// How long a caller waits for an answer if [`Network::timeout`] is not called. Arbitrary, but many times
/// what a packet takes in a data centre.
const TIMEOUT: Duration = Duration::from_millis(100);

/// A simulated network between a broker and its clients.
///
/// What was sent arrives, although its sender may have been dropped, as with a process that dies.
/// Packets that arrive at the same moment arrive in the order of their clients, so that a run does not
/// depend on which task runs first.
pub struct Network {
    shared: Arc<Shared>,
    transit: Transit,
    clients: AtomicUsize,
    timeout: Duration,
}

/// What the network has done to packets so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Packets {
    /// Packets that were sent, each counted once.
    pub sent: usize,
    /// Packets that never arrived.
    pub lost: usize,
    /// Packets that arrived twice.
    pub twice: usize,
}

struct Shared {
    broker: Arc<dyn Broker>,
    sent: AtomicUsize,
    lost: AtomicUsize,
    twice: AtomicUsize,
}

impl Network {
    /// A network in front of this broker.
    ///
    /// # Panics
    ///
    /// Panics outside a Tokio runtime.
    pub fn new(broker: Arc<dyn Broker>) -> Self {
        let shared = Shared {
            broker,
            sent: AtomicUsize::new(0),
            lost: AtomicUsize::new(0),
            twice: AtomicUsize::new(0),
        };
        Self {
            shared: Arc::new(shared),
            transit: Transit::start(),
            clients: AtomicUsize::new(0),
            timeout: TIMEOUT,
        }
    }

    /// Lets a caller wait this long for an answer, instead of 100 ms.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// The broker as a client sees it whose packets travel on this link.
    pub fn client(&self, link: impl Link + 'static) -> Arc<dyn Broker> {
        Arc::new(RemoteBroker(Connection {
            network: Arc::clone(&self.shared),
            transit: self.transit.clone(),
            client: self.clients.fetch_add(1, Ordering::Relaxed),
            link: Arc::new(Mutex::new(link)),
            timeout: self.timeout,
            may_repeat: true,
        }))
    }

    /// What happened to packets so far.
    pub fn packets(&self) -> Packets {
        let Shared { sent, lost, twice, .. } = &*self.shared;
        let [sent, lost, twice] =
            [sent, lost, twice].map(|count| count.load(Ordering::Relaxed));
        Packets { sent, lost, twice }
    }
}

/// What one client sends and receives.
#[derive(Clone)]
struct Connection {
    network: Arc<Shared>,
    transit: Transit,
    client: usize,
    link: Arc<Mutex<dyn Link>>,
    timeout: Duration,
    /// Whether a request may arrive twice.
    may_repeat: bool,
}

/// No answer came in time: the request was lost, or its answer was, or the broker was too slow.
#[derive(Debug, thiserror::Error)]
#[error("no answer within {0:?}")]
struct NoAnswer(Duration);

impl Connection {
    // ANCHOR: call
    /// Sends a request, and waits for the first answer. `handle` is what the broker does with a request:
    /// twice, if it arrives twice.
    async fn call<R, T, F>(
        &self,
        request: R,
        handle: impl FnOnce(R) -> F + Copy + Send + 'static,
    ) -> Result<T, NoAnswer>
    where
        R: Clone + Send + 'static,
        T: Send + 'static,
        F: Future<Output = T> + Send,
    {
        let mut answers = self.send(request, handle);
        let answer = async {
            match answers.recv().await {
                Some(answer) => answer,
                // All copies are lost. The caller cannot see that, and waits until its timeout expires.
                None => pending().await,
            }
        };
        timeout(self.timeout, answer).await.map_err(|_| NoAnswer(self.timeout))
    }

    fn send<R, T, F>(
        &self,
        request: R,
        handle: impl FnOnce(R) -> F + Copy + Send + 'static,
    ) -> UnboundedReceiver<T>
    where
        R: Clone + Send + 'static,
        T: Send + 'static,
        F: Future<Output = T> + Send,
    {
        let (answers, received) = unbounded_channel();
        for after in self.packet(self.may_repeat) {
            let (to, request, answers) = (self.clone(), request.clone(), answers.clone());
            let arrive = move || {
                tokio::spawn(async move {
                    let answer = handle(request).await;
                    if let Some(after) = to.packet(false).next() {
                        let arrive = move || {
                            // The caller may no longer wait.
                            let _ = answers.send(answer);
                        };
                        to.transit.send(to.client, after, arrive);
                    }
                });
            };
            self.transit.send(self.client, after, arrive);
        }
        received
    }
    // ANCHOR_END: call

    /// The times after which the copies of a packet arrive: none, one or two.
    fn packet(&self, may_repeat: bool) -> impl Iterator<Item = Duration> + use<> {
        let fate = self.link.lock().unwrap_or_else(PoisonError::into_inner).fate();
        let Shared { sent, lost, twice, .. } = &*self.network;
        sent.fetch_add(1, Ordering::Relaxed);
        let copies = match fate {
            Fate::Lost => {
                lost.fetch_add(1, Ordering::Relaxed);
                [None, None]
            }
            Fate::Twice(first, second) if may_repeat => {
                twice.fetch_add(1, Ordering::Relaxed);
                [Some(first), Some(second)]
            }
            Fate::Arrives(after) | Fate::Twice(after, _) => [Some(after), None],
        };
        copies.into_iter().flatten()
    }
}

#[cfg(test)]
mod tests;
