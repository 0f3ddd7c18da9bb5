//! The batches are those of the kit. The map of callers stays, because the kit does not compare items.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_kit::{Batcher, Lane, Millis, exercise, say};
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
    batcher: Batcher<Article, Result<u32, Error>>,
    callers: Arc<Mutex<HashMap<Article, Callers>>>,
}

/// The callers of an article whose answer has not come.
type Callers = Vec<oneshot::Sender<Result<u32, Error>>>;

impl Loader {
    fn new(service: Arc<Service>, delay: Duration, most: usize) -> Self {
        let most = most.try_into().expect("a batch has room for an article");
        let batcher = Batcher::new(most, delay, move |articles: Vec<Article>| {
            let service = service.clone();
            async move {
                let prices = service.prices(articles.clone()).await;
                let price = |article: &Article| {
                    let prices = prices.as_ref().map_err(|error| *error)?;
                    prices.get(article).copied().ok_or(Error::Unknown)
                };
                articles.iter().map(price).collect()
            }
        });
        Self { batcher, callers: Arc::default() }
    }

    async fn load(&self, article: Article) -> Result<u32, Error> {
        let (caller, answer) = oneshot::channel();
        let is_first = {
            let mut callers = self.callers.lock().unwrap();
            let callers = callers.entry(article).or_default();
            callers.push(caller);
            callers.len() == 1
        };
        if is_first {
            let Self { batcher, callers } = self.clone();
            spawn(async move {
                let price = batcher.submit(article).await.unwrap_or(Err(Error::Down));
                for caller in callers.lock().unwrap().remove(article).unwrap_or_default()
                {
                    let _ = caller.send(price);
                }
            });
        }
        answer.await.expect("each call is answered")
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
