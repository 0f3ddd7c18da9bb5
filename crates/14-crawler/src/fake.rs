//! A web that is made up runs in virtual time, so a test can say what is asked, when, and how often.

use std::{
    collections::HashMap,
    convert::Infallible,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_kit::{Lane, say};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::{
    Address, Robots, Rules,
    engine::{self, Fetch, Record},
    fate::{Answer, Failure, Fetched, Visit},
    frontier::Frontier,
};

/// Sites that exist in a test or a lesson only. A clone is the same web.
#[derive(Clone, Debug)]
pub struct FakeWeb {
    pages: HashMap<String, Page>,
    rules: HashMap<String, (Duration, Result<Robots, Failure>)>,
    prefix: String,
    began: Instant,
    asked: Arc<Mutex<Vec<String>>>,
    left: Arc<Mutex<HashMap<String, u32>>>,
}

#[derive(Clone, Debug)]
struct Page {
    late: Duration,
    answer: Result<Answer, Failure>,
    /// How often it fails before it answers.
    failure: Option<Failure>,
}

impl Default for FakeWeb {
    fn default() -> Self {
        Self::new()
    }
}

fn address(text: &str) -> Address {
    Address::parse(text).unwrap_or_else(|error| panic!("{error}"))
}

impl FakeWeb {
    /// A web without any page: each one is a 404.
    #[must_use]
    pub fn new() -> Self {
        Self {
            pages: HashMap::new(),
            rules: HashMap::new(),
            prefix: String::new(),
            began: Instant::now(),
            asked: Arc::default(),
            left: Arc::default(),
        }
    }

    /// Adds a page that is so late, and leads there.
    ///
    /// # Panics
    ///
    /// As every function here, if an address is none.
    #[must_use]
    pub fn with_page(self, at: &str, late: Duration, links: &[&str]) -> Self {
        let links = links.iter().filter_map(|link| address(at).join(link)).collect();
        self.with_answer(at, late, Ok(Answer::Page(Fetched::default(), links)))
    }

    /// Adds a redirect.
    #[must_use]
    pub fn with_redirect(self, at: &str, late: Duration, to: &str) -> Self {
        let to = address(at).join(to).expect("an address to move to");
        self.with_answer(at, late, Ok(Answer::Moved(to)))
    }

    /// Adds whatever a server may answer.
    #[must_use]
    pub fn with_answer(
        mut self,
        at: &str,
        late: Duration,
        answer: Result<Answer, Failure>,
    ) -> Self {
        self.pages.insert(address(at).to_string(), Page { late, answer, failure: None });
        self
    }

    /// Lets a page that was added fail so often before it answers.
    #[must_use]
    pub fn failing(mut self, at: &str, times: u32, failure: Failure) -> Self {
        let page = self.pages.get_mut(at).expect("a page that was added");
        page.failure = Some(failure);
        self.lock_left().insert(at.to_owned(), times);
        self
    }

    /// Gives a site a `robots.txt`, which is so late.
    #[must_use]
    pub fn with_robots(mut self, at: &str, late: Duration, text: &str) -> Self {
        let at = address(at).join("/robots.txt").expect("a path of a site");
        self.rules.insert(at.to_string(), (late, Ok(Robots::parse(text, "lamp"))));
        self
    }

    /// Lets nobody have the `robots.txt` of a site.
    #[must_use]
    pub fn without_rules(mut self, at: &str, failure: Failure) -> Self {
        let at = address(at).join("/robots.txt").expect("a path of a site");
        self.rules.insert(at.to_string(), (Duration::ZERO, Err(failure)));
        self
    }

    /// The same web, whose lanes begin with this word.
    #[must_use]
    pub fn seen_as(&self, prefix: &str) -> Self {
        Self { prefix: format!("{prefix} "), ..self.clone() }
    }

    /// What was asked for, each with the milliseconds since the web was made.
    #[must_use]
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Crawls this web to the end, and returns every visit in order.
    pub async fn crawl(&self, rules: Rules, starts: &[&str]) -> Vec<Visit> {
        self.resume(rules, starts, []).await
    }

    /// As [`crawl`](Self::crawl), after what has happened already.
    pub async fn resume(
        &self,
        rules: Rules,
        starts: &[&str],
        history: impl IntoIterator<Item = Visit>,
    ) -> Vec<Visit> {
        let starts: Vec<_> = starts.iter().map(|start| address(start)).collect();
        let mut frontier = Frontier::new(rules, &starts, history);
        let mut seen = Seen::default();
        let stop = CancellationToken::new();
        let Ok(()) = engine::visit(self.clone(), &mut frontier, &mut seen, &stop).await;
        seen.0
    }

    fn lock_left(&self) -> std::sync::MutexGuard<'_, HashMap<String, u32>> {
        self.left.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, name: &str) {
        let line = format!("{} {name}", self.began.elapsed().as_millis());
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }

    /// Waits as long as an answer takes, in a lane of its own.
    async fn wait(&self, at: &Address, late: Duration) {
        let name = at.as_str().trim_start_matches("http://").to_owned();
        self.note(&name);
        let asking = async {
            say!("asked");
            sleep(late).step("waiting for an answer").await;
        };
        asking.lane(format!("{}{name}", self.prefix)).await;
    }

    fn fails_now(&self, at: &Address) -> bool {
        let mut left = self.lock_left();
        let left = left.get_mut(at.as_str()).filter(|left| **left > 0);
        left.map(|left| *left -= 1).is_some()
    }
}

impl Fetch for FakeWeb {
    async fn robots(&self, address: &Address) -> Result<Robots, Failure> {
        match self.rules.get(address.as_str()) {
            Some((late, rules)) => {
                self.wait(address, *late).await;
                rules.clone()
            }
            None => {
                self.note(address.as_str().trim_start_matches("http://"));
                Ok(Robots::allow_all())
            }
        }
    }

    async fn page(&self, address: &Address) -> Result<Answer, Failure> {
        let Some(page) = self.pages.get(address.as_str()) else {
            self.wait(address, Duration::ZERO).await;
            return Err(Failure::Status { status: 404, retry_after: None });
        };
        self.wait(address, page.late).await;
        match &page.failure {
            Some(failure) if self.fails_now(address) => Err(failure.clone()),
            _ => page.answer.clone(),
        }
    }
}

#[derive(Default)]
struct Seen(Vec<Visit>);

impl Record for Seen {
    type Error = Infallible;

    async fn record(
        &mut self,
        visits: Vec<Visit>,
        _waiting: usize,
    ) -> Result<(), Infallible> {
        self.0.extend(visits);
        Ok(())
    }
}
