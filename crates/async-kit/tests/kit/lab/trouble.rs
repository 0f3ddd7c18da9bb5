//! Each trouble is the one that was asked for, and ends with the client that asked.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::support::{Visit, connection_to, in_time, sent};

#[tokio::test]
async fn a_delayed_answer_takes_at_least_as_long() {
    let visit = Visit::start().await;
    for path in ["/delay/30", "/site/2-30ms/", "/site/2-30ms/page/1"] {
        let asked = Instant::now();
        visit.text_of(path).await;
        assert!(
            asked.elapsed() >= Duration::from_millis(30),
            "{path} {:?}",
            asked.elapsed()
        );
    }
}

#[tokio::test]
async fn a_slow_body_comes_in_parts_and_is_in_flight_until_its_last() {
    let visit = Visit::start().await;
    // The second line is a minute away, so what is read here is the first one alone.
    let mut answer = sent(visit.get("/drip?chunks=2&every=60000")).await;
    let first = in_time(answer.chunk()).await.expect("a part");
    assert_eq!(first.as_deref(), Some(&b"line 1 of 2\n"[..]));
    assert_eq!(visit.lab.stats().in_flight, 1, "{:?}", visit.lab.stats());
    drop(answer);
    in_time(visit.lab.wait_until(|seen| seen.in_flight == 0)).await;
}

#[tokio::test]
async fn a_slow_body_is_whole_in_the_end() {
    let visit = Visit::start().await;
    let body = visit.text_of("/drip?chunks=3&every=1").await;
    assert_eq!(body, "line 1 of 3\nline 2 of 3\nline 3 of 3\n");
}

#[tokio::test]
async fn a_reset_answer_begins_well_and_never_ends() {
    let visit = Visit::start().await;
    let answer = sent(visit.get("/reset")).await;
    assert_eq!((answer.status().as_u16(), answer.content_length()), (200, Some(40)));
    let body = in_time(answer.bytes()).await;
    assert!(body.is_err(), "{body:?}");
}

#[tokio::test]
async fn a_stalled_answer_has_not_even_a_head() {
    let visit = Visit::start().await;
    {
        let stalled = visit.get("/stall").send();
        tokio::select! {
            answer = stalled => panic!("{answer:?}"),
            _ = in_time(visit.lab.wait_until(|seen| seen.in_flight == 1)) => {}
        }
    }
    let left = in_time(visit.lab.wait_until(|seen| seen.open_connections == 0)).await;
    assert_eq!((left.requests, left.in_flight), (1, 0), "{left:?}");
}

#[tokio::test]
async fn a_lost_answer_leaves_not_one_byte() {
    let visit = Visit::start().await;
    let mut stream = connection_to(&visit.lab).await;
    let request = "POST /charge?lose=1 HTTP/1.1\r\nhost: lab\r\ncontent-length: 12\r\n\
                   content-type: application/json\r\n\r\n{\"amount\":1}";
    stream.write_all(request.as_bytes()).await.expect("a connection");
    let mut answer = Vec::new();
    let read = in_time(stream.read_to_end(&mut answer)).await;
    assert!(answer.is_empty(), "{read:?} {:?}", String::from_utf8_lossy(&answer));
    assert_eq!(visit.json_of("/charges").await["executed"], 1);
}
