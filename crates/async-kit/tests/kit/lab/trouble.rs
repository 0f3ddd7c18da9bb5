//! Each kind of trouble is the requested one, and it ends when its client disconnects.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::support::{Fixture, connect, in_time, send};

#[tokio::test]
async fn a_delayed_response_takes_at_least_its_delay() {
    let fixture = Fixture::start().await;
    for path in ["/delay/30", "/site/2-30ms/", "/site/2-30ms/page/1"] {
        let start = Instant::now();
        fixture.text_of(path).await;
        assert!(
            start.elapsed() >= Duration::from_millis(30),
            "{path} {:?}",
            start.elapsed()
        );
    }
}

#[tokio::test]
async fn a_slow_body_is_sent_in_parts_and_in_flight_until_the_last_part() {
    let fixture = Fixture::start().await;
    // The second line is sent a minute later, so the first chunk contains only the first line.
    let mut response = send(fixture.get("/drip?chunks=2&every=60000")).await;
    let first = in_time(response.chunk()).await.expect("a part");
    assert_eq!(first.as_deref(), Some(&b"line 1 of 2\n"[..]));
    assert_eq!(fixture.lab.stats().in_flight, 1, "{:?}", fixture.lab.stats());
    drop(response);
    in_time(fixture.lab.wait_until(|seen| seen.in_flight == 0)).await;
}

#[tokio::test]
async fn a_slow_body_is_complete_at_the_end() {
    let fixture = Fixture::start().await;
    let body = fixture.text_of("/drip?chunks=3&every=1").await;
    assert_eq!(body, "line 1 of 3\nline 2 of 3\nline 3 of 3\n");
}

#[tokio::test]
async fn a_reset_response_has_a_head_and_an_incomplete_body() {
    let fixture = Fixture::start().await;
    let response = send(fixture.get("/reset")).await;
    assert_eq!((response.status().as_u16(), response.content_length()), (200, Some(40)));
    let body = in_time(response.bytes()).await;
    assert!(body.is_err(), "{body:?}");
}

#[tokio::test]
async fn a_stalled_response_has_no_head() {
    let fixture = Fixture::start().await;
    {
        let stalled = fixture.get("/stall").send();
        tokio::select! {
            response = stalled => panic!("{response:?}"),
            _ = in_time(fixture.lab.wait_until(|seen| seen.in_flight == 1)) => {}
        }
    }
    let left = in_time(fixture.lab.wait_until(|seen| seen.open_connections == 0)).await;
    assert_eq!((left.requests, left.in_flight), (1, 0), "{left:?}");
}

#[tokio::test]
async fn a_lost_response_has_no_bytes() {
    let fixture = Fixture::start().await;
    let mut stream = connect(&fixture.lab).await;
    let request = "POST /charge?lose=1 HTTP/1.1\r\nhost: lab\r\ncontent-length: 12\r\n\
                   content-type: application/json\r\n\r\n{\"amount\":1}";
    stream.write_all(request.as_bytes()).await.expect("a connection");
    let mut response = Vec::new();
    let read = in_time(stream.read_to_end(&mut response)).await;
    assert!(response.is_empty(), "{read:?} {:?}", String::from_utf8_lossy(&response));
    assert_eq!(fixture.json_of("/charges").await["executed"], 1);
}
