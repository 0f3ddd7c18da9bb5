//! A task owns the state and receives the calls through a channel: no lock, and a deadline instead of timers.

use std::{
    collections::HashMap,
    mem::take,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_kit::{Lane, Millis, exercise, say};
use tokio::{
    spawn,
    sync::{mpsc, oneshot},
    task::JoinSet,
    time::{Instant, sleep, sleep_until, timeout},
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

/// A call: its article, and where its answer goes.
type Asked = (Article, oneshot::Sender<Result<u32, Error>>);

/// Turns calls for single articles into few requests. A clone is a handle to the same loader.
#[derive(Clone)]
struct Loader {
    calls: mpsc::UnboundedSender<Asked>,
}

impl Loader {
    fn new(service: Arc<Service>, delay: Duration, most: usize) -> Self {
        let (calls, asked) = mpsc::unbounded_channel();
        spawn(serve(service, delay, most, asked));
        Self { calls }
    }

    async fn load(&self, article: Article) -> Result<u32, Error> {
        let (caller, answer) = oneshot::channel();
        self.calls.send((article, caller)).expect("the task ends after its last sender");
        answer.await.expect("each call is answered")
    }
}

/// Owns all state, so it needs no lock: the batch, its deadline, the callers and the running requests.
async fn serve(
    service: Arc<Service>,
    delay: Duration,
    most: usize,
    mut asked: mpsc::UnboundedReceiver<Asked>,
) {
    let mut callers = HashMap::<Article, Vec<_>>::new();
    let mut batch = Vec::new();
    let mut send_at = Instant::now();
    let mut requests = JoinSet::new();
    loop {
        let is_due = tokio::select! {
            Some((article, caller)) = asked.recv() => {
                let waiting = callers.entry(article).or_default();
                waiting.push(caller);
                if waiting.len() == 1 {
                    if batch.is_empty() {
                        send_at = Instant::now() + delay;
                    }
                    batch.push(article);
                }
                batch.len() == most
            }
            () = sleep_until(send_at), if !batch.is_empty() => true,
            Some(ended) = requests.join_next() => {
                let (articles, answer): (Vec<Article>, Result<HashMap<_, _>, _>) =
                    ended.expect("a request does not panic");
                for article in articles {
                    for caller in callers.remove(article).unwrap_or_default() {
                        let price = answer.as_ref().map_err(|error| *error);
                        let price =
                            price.and_then(|it| it.get(article).copied().ok_or(Error::Unknown));
                        let _ = caller.send(price);
                    }
                }
                false
            }
            else => return,
        };
        if is_due {
            let (service, articles) = (service.clone(), take(&mut batch));
            requests.spawn(async move {
                let answer = service.prices(articles.clone()).await;
                (articles, answer)
            });
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
