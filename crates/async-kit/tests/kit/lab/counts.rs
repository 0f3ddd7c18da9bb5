//! The counts of a lab are the requests and connections that clients made.

use async_kit::Millis;
use futures::{StreamExt, stream};
use tokio::{io::AsyncReadExt, net::TcpStream, time::sleep};

use super::support::{Fixture, address_of, connect, in_time};

#[tokio::test]
async fn a_client_limit_of_ten_keeps_at_most_ten_requests_in_flight() {
    let fixture = Fixture::start().await;
    let responses = stream::iter(0..50).map(|_| fixture.text_of("/delay/5"));
    in_time(responses.buffer_unordered(10).collect::<Vec<_>>()).await;
    let seen = fixture.lab.stats();
    assert_eq!((seen.requests, seen.in_flight), (50, 0), "{seen:?}");
    assert!((1..=10).contains(&seen.peak_in_flight), "{seen:?}");
}

#[tokio::test]
async fn requests_that_wait_together_are_in_flight_together() {
    let fixture = Fixture::start().await;
    {
        let waiting = stream::iter(0..4).map(|_| fixture.status_of("/stall"));
        let mut waiting = waiting.buffer_unordered(4);
        tokio::select! {
            _ = waiting.next() => unreachable!("/stall never responds"),
            seen = in_time(fixture.lab.wait_until(|seen| seen.in_flight == 4)) => {
                assert_eq!((seen.peak_in_flight, seen.connections), (4, 4), "{seen:?}");
            }
        }
    }
    in_time(fixture.lab.wait_until(|seen| seen.in_flight == 0)).await;
    fixture.text_of("/json").await;
    let later = fixture.lab.stats();
    assert_eq!((later.requests, later.peak_in_flight), (5, 4), "{later:?}");
}

#[tokio::test]
async fn sequential_requests_of_one_client_share_a_connection() {
    let fixture = Fixture::start().await;
    for _ in 0..5 {
        fixture.text_of("/json").await;
    }
    let seen = fixture.lab.stats();
    assert_eq!((seen.requests, seen.connections), (5, 1), "{seen:?}");
    assert_eq!(fixture.lab.requests_to("/json"), 5);
    assert_eq!(fixture.lab.requests_to("/xml"), 0);
}

#[tokio::test]
async fn a_dropped_lab_closes_its_port_and_its_connections() {
    let Fixture { lab, client } = Fixture::start().await;
    let mut open = connect(&lab).await;
    in_time(client.get(lab.url("/json")).send()).await.expect("a response while it runs");
    let address = address_of(&lab);
    in_time(lab.wait_until(|seen| seen.open_connections == 2)).await;
    drop(lab);
    let rest = in_time(open.read_u8()).await;
    assert!(rest.is_err(), "a dropped lab sent {rest:?}");
    let refused = async {
        // Another test may take the port as soon as it is free. It frees the port when it ends.
        while TcpStream::connect(&address).await.is_ok() {
            sleep(10.ms()).await;
        }
    };
    in_time(refused).await;
}
