//! Each setting has an effect: a test fails if the fetcher ignores it.

mod attempts;

use std::{
    future::pending,
    io,
    net::IpAddr,
    num::{NonZeroU32, NonZeroUsize},
    time::Duration,
};

use async_kit::{Millis, lab::Lab};
use futures::{FutureExt, StreamExt, future::join_all, stream::FuturesUnordered};
use serde_json::Value;
use tokio::time::timeout;

use super::*;
use crate::resolver::LoopbackLookup;

/// Ends a test that hangs; no result depends on it.
const TEST_LIMIT: Duration = Duration::from_secs(30);

async fn lab() -> Lab {
    Lab::start().await.expect("a free port")
}

fn url(lab: &Lab, path: &str) -> Url {
    lab.url(path).parse().expect("a URL")
}

/// A fetcher without a delay between attempts.
fn fetcher(change: impl FnOnce(&mut Config)) -> Fetcher {
    let mut config = Config { retry_delay: Duration::ZERO, ..Config::default() };
    change(&mut config);
    Fetcher::new(config).expect("valid settings")
}

async fn failure(fetcher: &Fetcher, lab: &Lab, path: &str) -> RetryError<FetchError> {
    let fetched = timeout(TEST_LIMIT, fetcher.bytes(&url(lab, path))).await;
    fetched.expect("in time").expect_err(path)
}

fn n(n: usize) -> NonZeroUsize {
    n.try_into().unwrap()
}

/// Starts this many requests that are never answered, and waits until `arrive` of them are in
/// flight.
async fn stalled(fetcher: &Fetcher, lab: &Lab, requests: usize, arrive: u64) {
    let url = url(lab, "/stall");
    let mut pages: FuturesUnordered<_> =
        (0..requests).map(|_| fetcher.bytes(&url)).collect();
    let arrived = lab.wait_until(|stats| stats.in_flight == arrive);
    tokio::select! {
        _ = arrived => {}
        outcome = pages.next() => panic!("a stalled request has an outcome: {outcome:?}"),
        () = tokio::time::sleep(TEST_LIMIT) => panic!("only {}", lab.stats()),
    }
}

async fn fetch_together(fetcher: &Fetcher, urls: &[Url]) {
    let fetched =
        timeout(TEST_LIMIT, join_all(urls.iter().map(|url| fetcher.bytes(url)))).await;
    assert!(fetched.expect("in time").iter().all(Result::is_ok));
}

#[tokio::test]
async fn no_more_requests_are_in_flight_than_at_once_allows() {
    let wide = fetcher(|config| {
        (config.at_once, config.at_once_per_host) = (n(8), n(8));
    });
    stalled(&wide, &lab().await, 8, 8).await;

    let narrow = fetcher(|config| {
        (config.at_once, config.at_once_per_host, config.idle_per_host) = (n(2), n(2), 2);
    });
    let lab = lab().await;
    fetch_together(&narrow, &vec![url(&lab, "/drip?chunks=2&every=3"); 20]).await;
    assert!(lab.stats().peak_in_flight <= 2, "{}", lab.stats());
}

#[tokio::test]
async fn each_host_has_its_own_limit_of_at_once_per_host_requests() {
    let fetcher = fetcher(|config| {
        (config.at_once_per_host, config.idle_per_host) = (n(2), 2);
    });
    let (one, other) = (lab().await, lab().await);
    let urls = [url(&one, "/delay/2"), url(&other, "/delay/2")];
    fetch_together(&fetcher, &urls.map(|url| vec![url; 10]).concat()).await;
    for lab in [&one, &other] {
        assert!(lab.stats().peak_in_flight <= 2, "{}", lab.stats());
    }
    let both = (stalled(&fetcher, &one, 4, 2), stalled(&fetcher, &other, 4, 2));
    tokio::join!(both.0, both.1);
}

#[tokio::test]
async fn clones_of_a_fetcher_share_its_slots() {
    let first = fetcher(|config| {
        (config.at_once, config.at_once_per_host, config.idle_per_host) = (n(2), n(2), 2);
    });
    let (second, lab) = (first.clone(), lab().await);
    let urls = vec![url(&lab, "/delay/2"); 10];
    tokio::join!(fetch_together(&first, &urls), fetch_together(&second, &urls));
    assert!(lab.stats().peak_in_flight <= 2, "{}", lab.stats());
}

#[tokio::test]
async fn without_idle_connections_each_request_opens_one() {
    for (idle_per_host, connections) in [(0, 4), (1, 1)] {
        let fetcher = fetcher(|config| config.idle_per_host = idle_per_host);
        let lab = lab().await;
        for _ in 0..4 {
            fetcher.bytes(&url(&lab, "/json")).await.expect("an answer");
        }
        assert_eq!(lab.stats().connections, connections, "{idle_per_host} idle");
    }
}

#[tokio::test]
async fn a_timeout_while_waiting_for_a_slot_is_not_a_connection_error() {
    let fetcher = fetcher(|config| {
        (config.at_once, config.at_once_per_host, config.idle_per_host) = (n(1), n(1), 1);
        config.slot_timeout = Duration::ZERO;
    });
    let lab = lab().await;
    let stall = url(&lab, "/stall");
    let mut stalled = Box::pin(fetcher.bytes(&stall));
    assert!(stalled.as_mut().now_or_never().is_none(), "it holds the only slot");
    let error = failure(&fetcher, &lab, "/json").await;
    assert!(matches!(error.last(), Some(FetchError::Slot(_))), "{error:?}");
    assert_eq!(error.attempts(), 1, "a retry does not free a slot");
}

/// A name server that never answers. The lookup of a name is a part of connecting.
struct SilentNameServer;

impl Lookup for SilentNameServer {
    async fn lookup(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        pending().await
    }
}

#[tokio::test]
async fn a_connect_timeout_and_a_read_timeout_are_different_errors() {
    let config = Config {
        connect_timeout: 10.ms(),
        retry_delay: Duration::ZERO,
        ..Config::default()
    };
    let fetcher = Fetcher::with_lookup(config, SilentNameServer).expect("valid settings");
    let url = "http://shop.example/".parse().unwrap();
    let fetched = timeout(TEST_LIMIT, fetcher.bytes(&url)).await.expect("in time");
    let error = fetched.expect_err("no address");
    match error.last() {
        Some(FetchError::Connect(cause)) => assert!(cause.is_timeout(), "{cause:?}"),
        other => panic!("not a connect error: {other:?}"),
    }
    assert_eq!(error.attempts(), 3, "a connect timeout is transient");
}

#[tokio::test]
async fn a_silent_server_exceeds_only_the_read_timeout() {
    let fetcher = fetcher(|config| {
        (config.connect_timeout, config.read_timeout) = (30.ms(), 30.ms());
        config.attempts = NonZeroU32::MIN;
    });
    let lab = lab().await;
    for path in ["/stall", "/drip?chunks=2&every=60000"] {
        let error = failure(&fetcher, &lab, path).await;
        assert!(
            matches!(error.last(), Some(FetchError::ReadTimeout(_))),
            "{path}: {error:?}"
        );
    }
}

#[tokio::test]
async fn an_answer_that_never_ends_exceeds_only_the_total_timeout() {
    let fetcher = fetcher(|config| {
        (config.connect_timeout, config.read_timeout) = (80.ms(), 80.ms());
        config.total_timeout = 80.ms();
        config.attempts = NonZeroU32::MIN;
    });
    let error = failure(&fetcher, &lab().await, "/drip?chunks=1000&every=1").await;
    assert!(matches!(error.last(), Some(FetchError::Total(_))), "{error:?}");
}

#[tokio::test]
async fn a_body_longer_than_max_body_is_refused_and_not_requested_again() {
    let (fetcher, lab) = (fetcher(|config| config.max_body = 1000), lab().await);
    let body = fetcher.bytes(&url(&lab, "/bytes/1000")).await;
    assert_eq!(body.expect("it fits").len(), 1000);
    let error = failure(&fetcher, &lab, "/bytes/1001").await;
    assert!(matches!(error.last(), Some(FetchError::TooBig(1000))), "{error:?}");
    assert_eq!(lab.requests_to("/bytes/1001"), 1);
}

#[tokio::test]
async fn an_address_is_cached_for_dns_ttl() {
    for (dns_ttl, lookups) in [(Duration::ZERO, 3), (300.secs(), 1)] {
        let (lab, lookup) = (lab().await, LoopbackLookup::default());
        let config = Config { dns_ttl, idle_per_host: 0, ..Config::default() };
        let fetcher =
            Fetcher::with_lookup(config, lookup.clone()).expect("valid settings");
        let url = lab.url("/json").replace("127.0.0.1", "shop.example").parse().unwrap();
        for _ in 0..3 {
            fetcher.bytes(&url).await.expect("an answer");
        }
        assert_eq!(lookup.lookups(), lookups, "{dns_ttl:?}");
    }
}

#[tokio::test]
async fn the_server_receives_the_user_agent() {
    let (fetcher, lab) =
        (fetcher(|config| config.user_agent = "reader/7".into()), lab().await);
    let seen: Value = fetcher.json(&url(&lab, "/user-agent")).await.expect("an echo");
    assert_eq!(seen["user-agent"], "reader/7");
}

#[tokio::test]
async fn a_request_goes_to_the_proxy_instead_of_the_host() {
    let lab = lab().await;
    let fetcher = fetcher(|config| config.proxy = Some(lab.url("")));
    let behind_proxy = "http://shop.example/user-agent".parse().unwrap();
    fetcher.bytes(&behind_proxy).await.expect("the proxy's answer");
    assert_eq!(lab.requests_to("/user-agent"), 1);
}

#[test]
fn settings_that_cannot_build_a_client_are_refused() {
    for proxy in ["no address", "ann:secret@[::1", "http://ann:secret@h:99999"] {
        let bad_proxy = Config { proxy: Some(proxy.into()), ..Config::default() };
        let error =
            anyhow::Error::from(Fetcher::new(bad_proxy).map(drop).expect_err(proxy));
        assert!(matches!(error.downcast_ref(), Some(SetupError::Proxy)), "{error:?}");
        assert!(!format!("{error:?}").contains("secret"), "{error:?}");
    }
    let useless = Config { connect_timeout: 60.secs(), ..Config::default() };
    assert!(matches!(Fetcher::new(useless), Err(SetupError::Config(_))));
}

#[test]
fn a_fetcher_is_built_outside_a_runtime_and_used_in_two() {
    let fetcher = fetcher(|_| {});
    for _ in 0..2 {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime").block_on(async {
            let lab = lab().await;
            fetcher.bytes(&url(&lab, "/json")).await.expect("an answer");
        });
    }
}
