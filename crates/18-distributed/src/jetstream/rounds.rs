//! Several operations are sent together, and only those without an answer are sent again.

use std::sync::Arc;

use tokio::time::{Instant, sleep};

use super::{
    connection::Connection,
    failure::Failed,
    link::{Link, PAUSE},
};

/// Operations that are repeated, on one connection after the other, until each has its result.
pub(super) struct Rounds<'a, T, E> {
    link: &'a Link,
    deadline: Instant,
    results: Vec<Option<Result<T, E>>>,
    /// Why there is another round.
    why: Option<String>,
}

impl<'a, T, E> Rounds<'a, T, E> {
    pub(super) fn new(count: usize, link: &'a Link) -> Self {
        let results = std::iter::repeat_with(|| None).take(count).collect();
        Self {
            link,
            deadline: Instant::now() + link.reconnect_timeout,
            results,
            why: None,
        }
    }

    /// The connection for the next round, and the operations without a result. `None` if all have one, or
    /// if the deadline has passed.
    pub(super) async fn next(&mut self) -> Option<(Arc<Connection>, Vec<usize>)> {
        let is_open = |index: &usize| self.results[*index].is_none();
        let open: Vec<_> = (0..self.results.len()).filter(is_open).collect();
        if open.is_empty() {
            return None;
        }
        if self.why.is_some() {
            sleep(PAUSE).await;
            if Instant::now() >= self.deadline {
                return None;
            }
        }
        match self.link.connection(self.deadline).await {
            Ok(connection) => Some((connection, open)),
            Err(error) => {
                self.why = Some(error.to_string());
                None
            }
        }
    }

    pub(super) fn record(&mut self, index: usize, result: Result<T, Failed<E>>) {
        match result {
            Ok(value) => self.results[index] = Some(Ok(value)),
            Err(Failed::Refused(error)) => self.results[index] = Some(Err(error)),
            Err(Failed::NoAnswer(why)) => self.why = Some(why),
            Err(Failed::NoListener) => {
                self.why = Some(
                    "JetStream does not answer, perhaps because its disk is full".into(),
                );
            }
        }
    }

    /// The results, and for an operation without one the error that `away` makes of the reason.
    pub(super) fn finish(self, away: impl Fn(String) -> E) -> Vec<Result<T, E>> {
        let why = self.why.unwrap_or_default();
        let result = |result: Option<_>| result.unwrap_or_else(|| Err(away(why.clone())));
        self.results.into_iter().map(result).collect()
    }
}
