//! A result is acknowledged only when what was decided about its page is in the log.
//!
//! Until then the scheduler holds its message. If the scheduler dies, the message is delivered to the next
//! one, which then does not request the page again.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use crawler::{Address, PageId, Visit};
use tokio::{sync::oneshot, time::Instant};

use super::{
    job::{Fetched, Report},
    parts::{Assembly, Part},
};
use crate::{Delivery, Token};

/// A result, and when its request started by the clock of this process. The real start is never later.
#[derive(Debug)]
pub(super) struct Arrived {
    pub(super) fetched: Fetched,
    pub(super) started: Instant,
}

/// The results that have arrived, and the tasks that wait for one.
#[derive(Debug)]
pub(super) struct Inbox {
    /// What the ids of this scheduler's jobs begin with.
    prefix: String,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// How many jobs this scheduler has published.
    jobs: u64,
    /// Results of which a part is missing, by the id of their job.
    incomplete: HashMap<String, (Assembly, Vec<Token>)>,
    /// By the id of the job.
    awaited: HashMap<String, oneshot::Sender<Arrived>>,
    /// The results of jobs of an earlier scheduler, by address.
    ready: HashMap<String, Arrived>,
    /// The messages of pages that are not yet in the log.
    held: HashMap<PageId, Vec<Token>>,
    /// The pages that may have killed a worker. Their messages are held too, so that the next scheduler
    /// suspects the same pages.
    suspects: HashMap<PageId, Suspect>,
}

/// The jobs of a page that may have killed a worker.
#[derive(Debug, Default)]
struct Suspect {
    /// Those whose worker has died.
    lost: HashSet<String>,
    /// Those whose worker requested nothing else.
    started: HashSet<String>,
}

/// What to do with a message of the queue `results`.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// It is held until its page is in the log.
    Hold,
    /// The log has its page already, and the broker may remove these.
    Ack(Vec<Token>),
    /// These are not of a crawl.
    Term(Vec<Token>),
}

impl Inbox {
    /// The inbox of the scheduler whose writer has this number.
    pub(super) fn new(number: u64) -> Self {
        Self { prefix: format!("{number}."), state: Mutex::default() }
    }

    /// A new job, and its result as soon as it arrives.
    pub(super) fn expect(&self) -> (String, oneshot::Receiver<Arrived>) {
        let (sender, receiver) = oneshot::channel();
        let mut state = self.state();
        state.jobs += 1;
        let id = format!("{}{}", self.prefix, state.jobs);
        state.awaited.insert(id.clone(), sender);
        (id, receiver)
    }

    /// The result of an earlier scheduler's job for exactly this address.
    pub(super) fn take_ready(&self, address: &Address) -> Option<Arrived> {
        self.state().ready.remove(address.as_str())
    }

    /// Whether a worker has died that had received this page.
    pub(super) fn is_suspected(&self, address: &Address) -> bool {
        self.state()
            .suspects
            .get(&address.id())
            .is_some_and(|suspect| !suspect.lost.is_empty())
    }

    /// How many workers have died while they requested this page and no other one.
    pub(super) fn deaths(&self, address: &Address) -> usize {
        let died =
            |suspect: &Suspect| suspect.lost.intersection(&suspect.started).count();
        self.state().suspects.get(&address.id()).map_or(0, died)
    }

    /// How many messages are held.
    pub(super) fn len(&self) -> usize {
        self.tokens().len()
    }

    /// All messages that are held.
    pub(super) fn tokens(&self) -> Vec<Token> {
        let state = self.state();
        let incomplete = state.incomplete.values().map(|(_, tokens)| tokens);
        state.held.values().chain(incomplete).flatten().cloned().collect()
    }

    /// Takes the messages of pages that are in the log by now.
    pub(super) fn recorded(&self, visits: &[Visit]) -> Vec<Token> {
        let mut state = self.state();
        let mut tokens = Vec::new();
        for page in visits.iter().flat_map(|visit| Address::parse(&visit.address)) {
            tokens.extend(state.held.remove(&page.id()).unwrap_or_default());
            state.suspects.remove(&page.id());
        }
        tokens
    }

    /// Takes a message of the queue.
    pub(super) fn arrive(&self, delivery: &Delivery) -> Action {
        let now = Instant::now();
        let token = delivery.token.clone();
        let Some(part) = Part::decode(&delivery.message.body) else {
            return Action::Term(vec![token]);
        };
        let id = part.header.id.clone();
        let mut state = self.state();
        let (assembly, tokens) = state.incomplete.entry(id.clone()).or_default();
        tokens.push(token);
        let Some(content) = assembly.add(part) else { return Action::Hold };
        let (_, tokens) = state.incomplete.remove(&id).expect("it was added");
        let Ok(fetched) = serde_json::from_slice::<Fetched>(&content) else {
            return Action::Term(tokens);
        };
        let started = now.checked_sub(fetched.started_ago).unwrap_or(now);
        state.arrived(id, tokens, Arrived { fetched, started }, &self.prefix)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn arrived(
        &mut self,
        id: String,
        tokens: Vec<Token>,
        arrived: Arrived,
        own: &str,
    ) -> Action {
        let page = arrived.fetched.address.id();
        let is_done = matches!(arrived.fetched.report, Report::Done(_));
        let is_lost = arrived.fetched.report == Report::Lost;
        let started = match &arrived.fetched.report {
            Report::Started(job) => Some(job.clone()),
            _ => None,
        };
        let is_new = match self.awaited.remove(&id) {
            // A task that was dropped needs it no more than one that never was.
            Some(task) => task.send(arrived).is_ok(),
            None if id.starts_with(own) => false,
            None if !is_done => true,
            None => {
                self.ready.insert(arrived.fetched.address.to_string(), arrived);
                true
            }
        };
        // A second copy of a result is held as long as the first.
        if !is_new && !self.held.contains_key(&page) {
            return Action::Ack(tokens);
        }
        // A suspicion ends when the messages of its page are released, so it begins only with one that is held.
        if let Some(job) = started {
            self.suspects.entry(page).or_default().started.insert(job);
        } else if is_lost && is_new {
            self.suspects.entry(page).or_default().lost.insert(id);
        }
        self.held.entry(page).or_default().extend(tokens);
        Action::Hold
    }
}

#[cfg(test)]
mod tests {
    use std::{num::NonZeroUsize, time::Duration};

    use async_kit::virtual_time;
    use bytes::Bytes;
    use crawler::{Failure, Response};

    use super::{super::parts::split, *};
    use crate::{Broker, Embedded, Message, Settings};

    fn page() -> Address {
        Address::parse("http://h/a").expect("an address")
    }

    fn moved(bytes: usize) -> Vec<u8> {
        let to = page().join(&"x".repeat(bytes)).expect("an address");
        let outcome = Ok::<_, Failure>(Response::Moved(to));
        serde_json::to_vec(&Fetched::new(page(), Duration::ZERO, outcome)).expect("JSON")
    }

    fn report(report: Report) -> Vec<u8> {
        serde_json::to_vec(&Fetched::without_outcome(page(), report)).expect("JSON")
    }

    fn visit() -> Visit {
        Visit {
            address: page().to_string(),
            depth: 0,
            redirects: 0,
            outcome: crawler::Outcome::Fetched(crawler::Fetched::default()),
            found: Vec::new(),
        }
    }

    /// Lets these messages arrive, and returns what to do with each.
    async fn arrive(
        inbox: &Inbox,
        messages: impl IntoIterator<Item = Bytes>,
    ) -> Vec<Action> {
        let broker = Embedded::in_memory();
        let queue = broker.queue("results", Settings::default()).await.expect("a queue");
        let messages: Vec<_> = messages.into_iter().map(Message::new).collect();
        let max = NonZeroUsize::new(messages.len()).expect("a message");
        queue.publish(messages).await;
        let received = queue.receive(0, max).await.expect("they are ready");
        received.iter().map(|delivery| inbox.arrive(delivery)).collect()
    }

    /// The worker has died between the parts of its result.
    #[test]
    fn a_lost_page_replaces_the_parts_of_its_result() {
        virtual_time(async {
            let inbox = Inbox::new(1);
            let (id, mut result) = inbox.expect();
            let mut parts = split(&id, &moved(1_500_000));
            parts.truncate(2);
            parts.extend(split(&id, &report(Report::Lost)));
            assert_eq!(arrive(&inbox, parts).await, [(); 3].map(|()| Action::Hold));
            let arrived = result.try_recv().expect("it has arrived");
            assert_eq!(arrived.fetched.into_outcome(), None);
            assert!(inbox.is_suspected(&page()));
            assert_eq!((inbox.deaths(&page()), inbox.len()), (0, 3));
        });
    }

    /// A worker may have died of another page, or have stopped. The next scheduler gets the same messages, and
    /// in any order.
    #[test]
    fn only_a_death_after_the_start_counts() {
        virtual_time(async {
            let message = |id, sent| split(id, &report(sent)).remove(0);
            let returned = message("1.1", Report::Returned);
            let lost = message("1.2", Report::Lost);
            let died = [
                message("1.3", Report::Lost),
                message("1.3/started", Report::Started("1.3".to_owned())),
            ];
            let inbox = Inbox::new(2);
            let counted = || (inbox.is_suspected(&page()), inbox.deaths(&page()));
            for (message, expected) in [returned, lost].into_iter().zip([false, true]) {
                assert_eq!(arrive(&inbox, [message]).await, [Action::Hold]);
                assert_eq!(counted(), (expected, 0));
            }
            assert_eq!(arrive(&inbox, died).await, [Action::Hold, Action::Hold]);
            assert_eq!((counted(), inbox.len()), ((true, 1), 4));
        });
    }

    /// The broker has forgotten the id of the result, or delivers a message again that was settled.
    #[test]
    fn a_page_is_not_suspected_by_a_message_that_comes_too_late() {
        virtual_time(async {
            let inbox = Inbox::new(1);
            let (id, _result) = inbox.expect();
            let late = || {
                let started = report(Report::Started(id.clone()));
                let lost = report(Report::Lost);
                [split(&format!("{id}/started"), &started), split(&id, &lost)].concat()
            };
            assert_eq!(arrive(&inbox, split(&id, &moved(1))).await, [Action::Hold]);
            assert_eq!(arrive(&inbox, late()).await, [Action::Hold, Action::Hold]);
            assert_eq!((inbox.is_suspected(&page()), inbox.deaths(&page())), (false, 0));
            assert_eq!(inbox.recorded(&[visit()]).len(), 3);
            let late = arrive(&inbox, late()).await;
            assert!(matches!(&late[..], [Action::Ack(_), Action::Ack(_)]), "{late:?}");
            assert!(inbox.state().suspects.is_empty(), "{inbox:?}");
        });
    }

    #[test]
    fn a_result_of_an_earlier_scheduler_is_used_once_and_a_copy_of_an_own_one_is_not() {
        virtual_time(async {
            let inbox = Inbox::new(2);
            let held = arrive(&inbox, split("1.7", &moved(1))).await;
            assert_eq!(held, [Action::Hold]);
            assert!(inbox.take_ready(&page()).is_some());
            assert!(inbox.take_ready(&page()).is_none());
            assert_eq!(inbox.recorded(&[visit()]).len(), 1);
            let copy = arrive(&inbox, split("2.9", &moved(1))).await;
            assert!(
                matches!(&copy[..], [Action::Ack(tokens)] if tokens.len() == 1),
                "{copy:?}"
            );
            assert_eq!(inbox.len(), 0);
        });
    }
}
