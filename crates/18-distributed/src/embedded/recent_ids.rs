//! A message with an id that is no longer remembered is a new message.

use std::collections::{HashMap, VecDeque};

use tokio::time::Instant;

/// The ids of one queue, each until its time.
#[derive(Debug, Default)]
pub(super) struct RecentIds {
    until: HashMap<String, Instant>,
    /// In the order of their times, because the time of each is the same.
    oldest: VecDeque<(Instant, String)>,
}

impl RecentIds {
    /// Whether the id is remembered at this moment.
    pub(super) fn contains(&mut self, id: &str, now: Instant) -> bool {
        self.forget_until(now);
        self.until.contains_key(id)
    }

    /// Remembers an id. Call it with ascending times.
    pub(super) fn insert(&mut self, id: String, until: Instant) {
        self.oldest.push_back((until, id.clone()));
        self.until.insert(id, until);
    }

    /// Forgets an id whose message was not stored.
    pub(super) fn remove(&mut self, id: &str) {
        self.until.remove(id);
    }

    fn forget_until(&mut self, now: Instant) {
        while self.oldest.front().is_some_and(|(until, _)| *until <= now) {
            let (until, id) = self.oldest.pop_front().expect("it has a front");
            // It may have been removed, and inserted again for longer.
            if self.until.get(&id) == Some(&until) {
                self.until.remove(&id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_id_that_was_removed_and_inserted_again_is_remembered_until_its_second_time()
     {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let mut ids = RecentIds::default();
        ids.insert("a".to_owned(), at(100));
        ids.remove("a");
        assert!(!ids.contains("a", at(10)));
        ids.insert("a".to_owned(), at(150));
        assert!(ids.contains("a", at(120)));
        assert!(!ids.contains("a", at(150)));
    }
}
