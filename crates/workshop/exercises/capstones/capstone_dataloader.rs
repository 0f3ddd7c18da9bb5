//! capstone_dataloader · 45 minutes · many callers, few requests: write a data loader
//!
//! Each part of a shop's page needs one price and calls `load`. The price service answers a request for
//! many articles as fast as for one. Write `Loader`, which turns single calls into few requests:
//!
//! 1. `load` returns the price of its article.
//! 2. A batch is sent `delay` after its first call. All calls until then are one request.
//! 3. An article that is in the batch, or in a request that still runs, is not requested again: all its
//!    callers get the same answer. A call after the answer requests it again, because prices change.
//! 4. A request has at most `most` articles. A batch that is full is sent immediately, and the next call
//!    begins a new one, with a new delay.
//! 5. If an article is not in the answer, only its callers get `Unknown`. If a request fails, only the
//!    callers of its articles get the error, and later calls work.
//! 6. A caller may be cancelled at any time: all others get their answers.
//!
//! The tests have the numbers of the points: the lowest one that fails is the next step.
//!
//! Section: `cargo run -p batching -- batcher`. Code: crates/08-batching/src/batcher.rs.
//! Page: docs/src/08-batching.md.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_kit::{Lane, Millis, exercise, say};
use tokio::{
    spawn,
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

// TODO: write it, one point after the other. Add fields, types and tasks as you need; the tests use only
// `new`, `clone` and `load`.
// - Which future waits for the end of the delay? What if it belongs to a caller?
// - What does a caller wait for?
// - What happens to the timer of a batch that was full?
/// Turns calls for single articles into few requests. A clone is a handle to the same loader.
#[derive(Clone)]
struct Loader {
    service: Arc<Service>,
}

impl Loader {
    fn new(service: Arc<Service>, delay: Duration, most: usize) -> Self {
        Self { service }
    }

    async fn load(&self, article: Article) -> Result<u32, Error> {
        let prices = self.service.prices(vec![article]).await?;
        prices.get(article).copied().ok_or(Error::Unknown)
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

#[cfg(test)]
mod tests {
    use async_kit::exercise::{self, Observed};

    use super::{Article, Call, Error, Seen, page};

    /// How long a caller waits that is not cancelled: longer than any answer takes.
    const LONG: u64 = 1000;

    fn observe(most: usize, failures: usize, calls: &[Call]) -> Observed<Seen> {
        observe_with(10, most, failures, calls)
    }

    fn observe_with(
        delay: u64,
        most: usize,
        failures: usize,
        calls: &[Call],
    ) -> Observed<Seen> {
        exercise::observe(page(delay, most, failures, calls.to_vec()))
    }

    #[track_caller]
    fn answers(
        run: &Observed<Seen>,
        wanted: &[Option<Result<u32, Error>>],
        mistake: &str,
    ) {
        let seen = &run.output().0;
        run.require(
            seen == wanted,
            format!("the callers got {seen:?}"),
            format!("{wanted:?}"),
            mistake,
        );
    }

    #[track_caller]
    fn requests(run: &Observed<Seen>, wanted: &[(u128, &[Article])], mistake: &str) {
        let seen = &run.output().1;
        let as_wanted = seen.iter().map(|(at, articles)| (*at, articles.as_slice()));
        run.require(
            as_wanted.eq(wanted.iter().copied()),
            format!("the requests (ms, articles) are {seen:?}"),
            format!("{wanted:?}"),
            mistake,
        );
    }

    #[test]
    fn point_1_each_caller_gets_the_price_of_its_article() {
        let run = observe(9, 0, &[(0, "pen", LONG), (3, "ink", LONG), (90, "map", LONG)]);
        let prices = [Some(Ok(2)), Some(Ok(9)), Some(Ok(15))];
        answers(
            &run,
            &prices,
            "Each caller has its own article: look it up in the answer of its request.",
        );
    }

    #[test]
    fn point_2_calls_within_the_delay_are_one_request() {
        let run = observe(9, 0, &[(0, "pen", LONG), (4, "ink", LONG), (9, "map", LONG)]);
        let count = run.output().1.len();
        run.require(
            count == 1,
            format!("{count} requests for three calls within 10 ms"),
            "1",
            "A call adds its article to a batch, and waits. One request is for the whole batch.",
        );
        requests(
            &run,
            &[(10, &["ink", "map", "pen"])],
            "The request begins 10 ms after the first call. A later call must not restart the delay.",
        );
    }

    #[test]
    fn point_2_the_first_call_decides_when_the_batch_is_sent() {
        let calls = [(0, "pen", LONG), (80, "ink", LONG), (160, "map", LONG)];
        let run = observe_with(100, 9, 0, &calls);
        requests(
            &run,
            &[(100, &["ink", "pen"]), (260, &["map"])],
            "A later call must not restart the delay: with enough callers no request would ever begin.",
        );
    }

    #[test]
    fn point_3_an_article_is_in_a_batch_only_once() {
        let run = observe(9, 0, &[(0, "pen", LONG), (2, "pen", LONG), (5, "ink", LONG)]);
        requests(
            &run,
            &[(10, &["ink", "pen"])],
            "Two callers with the same article share one entry of the batch.",
        );
        let prices = [Some(Ok(2)), Some(Ok(2)), Some(Ok(9))];
        answers(
            &run,
            &prices,
            "Each caller of the article gets the answer, not only one.",
        );
    }

    #[test]
    fn point_3_an_article_that_is_being_requested_is_not_requested_again() {
        let run = observe(9, 0, &[(0, "pen", LONG), (30, "pen", LONG)]);
        requests(
            &run,
            &[(10, &["pen"])],
            "The request for the article still runs: its answer is for the second caller too.",
        );
        answers(
            &run,
            &[Some(Ok(2)), Some(Ok(2))],
            "A caller that comes during the request gets its answer too.",
        );
    }

    #[test]
    fn point_3_after_the_answer_an_article_is_requested_again() {
        let run = observe(9, 0, &[(0, "pen", LONG), (100, "pen", LONG)]);
        requests(
            &run,
            &[(10, &["pen"]), (110, &["pen"])],
            "An entry of an article must end with its answer: a later call needs a new request.",
        );
        answers(
            &run,
            &[Some(Ok(2)), Some(Ok(2))],
            "The second caller waits for an answer that was sent before.",
        );
    }

    #[test]
    fn point_4a_a_full_batch_is_sent_immediately() {
        let calls = ["pen", "ink", "map", "cup", "bag"].map(|article| (0, article, LONG));
        let run = observe(2, 0, &calls);
        let requests = &run.output().1;
        let largest = requests.iter().map(|it| it.1.len()).max().unwrap_or(0);
        run.require(
            largest <= 2,
            format!("a request has {largest} articles"),
            "at most 2",
            "The batch is taken when it has `most` articles, before another call can add one.",
        );
        let first = requests.first().map_or(0, |it| it.0);
        run.require(
            first == 0,
            format!("the first full batch was sent after {first} ms"),
            "immediately",
            "A full batch has no more calls to wait for: the call that fills it sends it.",
        );
        let prices = [2, 9, 15, 8, 40].map(|price| Some(Ok(price)));
        answers(
            &run,
            &prices,
            "Each batch, also the last one that is not full, must be sent.",
        );
    }

    #[test]
    fn point_4b_a_batch_that_was_full_does_not_send_the_next_one() {
        let first = [(0, "pen", LONG), (1, "ink", LONG), (2, "cup", LONG)];
        let run = observe_with(
            100,
            3,
            0,
            &[&first[..], &[(60, "map", LONG), (120, "bag", LONG)]].concat(),
        );
        requests(
            &run,
            &[(2, &["cup", "ink", "pen"]), (160, &["bag", "map"])],
            "The timer of the batch that was full has sent the next batch too early: a timer belongs to one \
             batch.",
        );
    }

    #[test]
    fn point_5_an_unknown_article_is_the_error_of_its_callers_only() {
        let run =
            observe(9, 0, &[(0, "pen", LONG), (1, "unicorn", LONG), (2, "ink", LONG)]);
        let wanted = [Some(Ok(2)), Some(Err(Error::Unknown)), Some(Ok(9))];
        answers(
            &run,
            &wanted,
            "The answer has no price of the unicorn: only its callers get `Unknown`.",
        );
    }

    #[test]
    fn point_5_a_failed_request_is_the_error_of_its_callers_only() {
        let calls =
            [(0, "pen", LONG), (0, "ink", LONG), (5, "cup", LONG), (200, "pen", LONG)];
        let run = observe(2, 1, &calls);
        let down = Some(Err(Error::Down));
        answers(
            &run,
            &[down, down, Some(Ok(8)), Some(Ok(2))],
            "A failed request answers too: send its error to each of its callers, and remove their entries.",
        );
    }

    #[test]
    fn point_6_the_others_get_their_answers_when_a_caller_is_cancelled() {
        let mistake = "The delay or the request belonged to a caller, and ended with it: let a task own them.";
        // It is cancelled during the delay, and then during the request.
        for patience in [5, 30] {
            let calls = [
                (0, "pen", patience),
                (2, "ink", LONG),
                (3, "pen", LONG),
                (100, "map", LONG),
            ];
            let run = observe(9, 0, &calls);
            answers(&run, &[None, Some(Ok(9)), Some(Ok(2)), Some(Ok(15))], mistake);
        }
        let run = observe(9, 0, &[(0, "pen", 5), (200, "pen", LONG)]);
        answers(&run, &[None, Some(Ok(2))], mistake);
    }
}
