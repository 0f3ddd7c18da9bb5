//! A failed request is repeated only if the error is transient, after a delay, and a limited number
//! of times.

use std::sync::atomic::{AtomicU32, Ordering};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::*;

#[tokio::test]
async fn a_transient_error_is_repeated_up_to_attempts_times() {
    for attempts in [1, 4] {
        let fetcher = fetcher(|config| config.attempts = attempts.try_into().unwrap());
        let lab = lab().await;
        let error = failure(&fetcher, &lab, "/status/503").await;
        assert_eq!(error.attempts(), attempts);
        assert_eq!(lab.stats().requests, u64::from(attempts));
    }
}

#[tokio::test]
async fn a_permanent_error_is_not_repeated() {
    let (fetcher, lab) = (fetcher(|_| {}), lab().await);
    for (path, why) in [("/status/404", "404"), ("/redirect/20", "redirects are invalid")]
    {
        let error = failure(&fetcher, &lab, path).await;
        let text = format!("{:#}", anyhow::Error::from(error));
        assert!(text.starts_with("attempt 1 failed permanently"), "{path}: {text}");
        assert!(text.contains(why), "{path}: {text}");
    }
}

/// The delay is random, between 0 and eleven days. It is practically always longer than three
/// other requests.
#[tokio::test]
async fn the_second_attempt_waits_for_retry_delay() {
    let slow_retry = fetcher(|config| {
        (config.retry_delay, config.retry_timeout) = (1_000_000.secs(), 1_000_000.secs());
    });
    let lab = lab().await;
    let (flaky, json) = (url(&lab, "/flaky/page?fail=1"), url(&lab, "/json"));
    let others = async {
        lab.wait_until(|stats| stats.requests == 1 && stats.in_flight == 0).await;
        for _ in 0..3 {
            slow_retry.bytes(&json).await.expect("an answer");
        }
    };
    tokio::select! {
        outcome = slow_retry.bytes(&flaky) => panic!("it did not wait: {outcome:?}"),
        () = others => {}
    }
    fetcher(|_| {}).bytes(&flaky).await.expect("the second attempt");
}

#[tokio::test]
async fn retry_after_is_obeyed_up_to_retry_timeout() {
    let (fetcher, lab) = (fetcher(|_| {}), lab().await);
    let error = failure(&fetcher, &lab, "/flaky/page?fail=1&retry_after=3600").await;
    assert!(matches!(error, RetryError::OutOfTime { attempts: 1, .. }), "{error:?}");
    assert_eq!(lab.stats().requests, 1);
}

#[tokio::test]
async fn a_request_that_waits_for_another_attempt_holds_no_slot() {
    let fetcher = fetcher(|config| {
        (config.at_once, config.at_once_per_host, config.idle_per_host) = (n(1), n(1), 1);
        config.retry_timeout = 7200.secs();
    });
    let lab = lab().await;
    let (busy, free) =
        (url(&lab, "/flaky/a?fail=1&retry_after=3600"), url(&lab, "/json"));
    let other = async {
        lab.wait_until(|stats| stats.requests == 1 && stats.in_flight == 0).await;
        timeout(TEST_LIMIT, fetcher.bytes(&free)).await
    };
    tokio::select! {
        outcome = fetcher.bytes(&busy) => panic!("it did not wait for the hour: {outcome:?}"),
        free = other => assert!(matches!(free, Ok(Ok(_))), "{free:?}"),
    }
}

/// Answers every request with 503 and this header, and sends the body 5 ms after the headers.
async fn refuse_slowly(listener: TcpListener, header: &str, connections: &AtomicU32) {
    while let Ok((mut stream, _)) = listener.accept().await {
        connections.fetch_add(1, Ordering::Relaxed);
        let mut request = [0; 1024];
        while stream.read(&mut request).await.is_ok_and(|read| read > 0) {
            let head =
                format!("HTTP/1.1 503 Busy\r\ncontent-length: 5\r\n{header}\r\n\r\n");
            let _ = stream.write_all(head.as_bytes()).await;
            tokio::time::sleep(5.ms()).await;
            let _ = stream.write_all(b"sorry").await;
        }
    }
}

#[tokio::test]
async fn three_error_answers_share_a_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
    let (fetcher, connections) = (fetcher(|_| {}), AtomicU32::new(0));
    tokio::select! {
        () = refuse_slowly(listener, "x: y", &connections) => panic!("the server stopped accepting"),
        outcome = timeout(TEST_LIMIT, fetcher.bytes(&url)) => {
            let error = outcome.expect("in time").expect_err("the server is busy");
            assert_eq!(error.attempts(), 3, "{error:?}");
        }
    }
    assert_eq!(connections.into_inner(), 1);
}

#[tokio::test]
async fn retry_after_may_be_a_date_or_a_number_of_any_size() {
    for value in ["Fri, 31 Dec 9999 23:59:59 GMT", "99999999999999999999"] {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
        let (fetcher, connections) = (fetcher(|_| {}), AtomicU32::new(0));
        let header = format!("retry-after: {value}");
        tokio::select! {
            () = refuse_slowly(listener, &header, &connections) => panic!("the server stopped accepting"),
            outcome = timeout(TEST_LIMIT, fetcher.bytes(&url)) => {
                let error = outcome.expect("in time").expect_err("the server is busy");
                assert!(matches!(error, RetryError::OutOfTime { attempts: 1, .. }), "{value}: {error:?}");
            }
        }
    }
}

#[tokio::test]
async fn retry_timeout_ends_the_attempts_before_their_number_does() {
    let fetcher = fetcher(|config| {
        config.attempts = NonZeroU32::MAX;
        (config.retry_timeout, config.total_timeout) = (50.ms(), 50.ms());
        (config.connect_timeout, config.read_timeout) = (50.ms(), 50.ms());
        config.slot_timeout = 50.ms();
    });
    let error = failure(&fetcher, &lab().await, "/status/503").await;
    assert!(matches!(error, RetryError::OutOfTime { .. }), "{error:?}");
}
