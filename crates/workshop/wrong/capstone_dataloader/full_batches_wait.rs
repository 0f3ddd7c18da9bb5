//! A full batch waits for the end of its delay.
//! message: A full batch has no more calls to wait for

use std::{
    collections::HashMap,
    mem::take,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_kit::{Lane, Millis, exercise, say};
use tokio::{
    spawn,
    sync::oneshot,
    time::{Instant, sleep, timeout},
};

type Article = &'static str;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Error {
    Unknown,
    Down,
}

/// Where the prices are. Do not change it.
struct Service {
    start: Instant,
    /// The number of requests that fail before one succeeds.
    failures: usize,
    /// When each request began, in milliseconds, and its articles in the order of the alphabet.
    requests: Mutex<Vec<(u128, Vec<Article>)>>,
}

impl Service {
    const PRICES: [(Article, u32); 5] =
        [("bag", 40), ("cup", 8), ("ink", 9), ("map", 15), ("pen", 2)];

    fn new(failures: usize) -> Arc<Self> {
        let (start, requests) = (Instant::now(), Mutex::default());
        Arc::new(Self { start, failures, requests })
    }

    /// One request: the prices of the articles that exist, after 50 ms.
    async fn prices(
        &self,
        articles: Vec<Article>,
    ) -> Result<HashMap<Article, u32>, Error> {
        let number = {
            let mut requests = self.requests.lock().unwrap();
            let mut sorted = articles.clone();
            sorted.sort_unstable();
            requests.push((self.start.elapsed().as_millis(), sorted));
            requests.len()
        };
        let answer = async {
            say!("requests {articles:?}");
            sleep(50.ms()).step("request").await;
            if number <= self.failures {
                return Err(Error::Down);
            }
            Ok(Self::PRICES.into_iter().filter(|it| articles.contains(&it.0)).collect())
        };
        answer.try_lane(format!("request-{number}")).await
    }
}

/// Turns calls for single articles into few requests. A clone is a handle to the same loader.
#[derive(Clone)]
struct Loader {
    shared: Arc<Shared>,
}

struct Shared {
    service: Arc<Service>,
    delay: Duration,
    most: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The callers of each article that is in the batch or in a running request.
    callers: HashMap<Article, Vec<oneshot::Sender<Result<u32, Error>>>>,
    batch: Vec<Article>,
    /// How many batches were sent: a timer compares it.
    sent: usize,
}

impl State {
    fn take_batch(&mut self) -> Vec<Article> {
        self.sent += 1;
        take(&mut self.batch)
    }
}

impl Loader {
    fn new(service: Arc<Service>, delay: Duration, most: usize) -> Self {
        let state = Mutex::default();
        Self { shared: Arc::new(Shared { service, delay, most, state }) }
    }

    async fn load(&self, article: Article) -> Result<u32, Error> {
        self.shared.add(article).await.expect("a request answers all its callers")
    }
}

impl Shared {
    /// Adds a caller. Its answer comes through a channel, so it may be cancelled.
    fn add(self: &Arc<Self>, article: Article) -> oneshot::Receiver<Result<u32, Error>> {
        let (caller, answer) = oneshot::channel();
        let mut state = self.state.lock().unwrap();
        let callers = state.callers.entry(article).or_default();
        callers.push(caller);
        if callers.len() == 1 {
            state.batch.push(article);
            if state.batch.len() % self.most == 1 {
                spawn(self.clone().request_after_delay(state.sent));
            }
        }
        answer
    }

    /// Sends the batch with this number, unless it was full and is sent.
    async fn request_after_delay(self: Arc<Self>, number: usize) {
        sleep(self.delay).await;
        let batch = {
            let mut state = self.state.lock().unwrap();
            let count = self.most.min(state.batch.len());
            state.batch.drain(..count).collect()
        };
        self.request(batch).await;
    }

    async fn request(self: Arc<Self>, batch: Vec<Article>) {
        let answer = self.service.prices(batch.clone()).await;
        let mut state = self.state.lock().unwrap();
        for article in batch {
            let price = match &answer {
                Ok(prices) => prices.get(article).copied().ok_or(Error::Unknown),
                Err(error) => Err(*error),
            };
            for caller in state.callers.remove(article).unwrap_or_default() {
                // A caller that was cancelled does not receive.
                let _ = caller.send(price);
            }
        }
    }
}

/// A caller: when it calls, its article, and how long it waits before it is cancelled, in milliseconds.
type Call = (u64, Article, u64);

/// What the callers got, `None` if cancelled, and the requests. Do not change it.
type Seen = (Vec<Option<Result<u32, Error>>>, Vec<(u128, Vec<Article>)>);

/// Lets each caller call, and waits for all of them. Do not change it.
async fn page(delay: u64, most: usize, failures: usize, calls: Vec<Call>) -> Seen {
    let service = Service::new(failures);
    let loader = Loader::new(service.clone(), delay.ms(), most);
    let callers = calls.into_iter().map(|(at, article, patience)| {
        let loader = loader.clone();
        let call = async move {
            sleep(at.ms()).await;
            let got =
                timeout(patience.ms(), loader.load(article).lane(article)).await.ok();
            say!("the caller of {article} got {got:?}");
            got
        };
        spawn(call)
    });
    let mut answers = Vec::new();
    for caller in callers.collect::<Vec<_>>() {
        answers.push(caller.await.expect("a caller does not panic"));
    }
    let requests = service.requests.lock().unwrap().clone();
    (answers, requests)
}

fn main() {
    let calls =
        vec![(0, "pen", 999), (2, "ink", 5), (4, "unicorn", 999), (30, "pen", 999)];
    exercise::show(page(10, 3, 0, calls));
}
