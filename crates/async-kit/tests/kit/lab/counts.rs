//! What a lab says it saw is what was sent.

use async_kit::Millis;
use futures::{StreamExt, stream};
use tokio::{io::AsyncReadExt, net::TcpStream, time::sleep};

use super::support::{Visit, address_of, connection_to, in_time};

#[tokio::test]
async fn ten_at_once_are_never_more_than_ten_in_flight() {
    let visit = Visit::start().await;
    let answers = stream::iter(0..50).map(|_| visit.text_of("/delay/5"));
    in_time(answers.buffer_unordered(10).collect::<Vec<_>>()).await;
    let seen = visit.lab.stats();
    assert_eq!((seen.requests, seen.in_flight), (50, 0), "{seen:?}");
    assert!((1..=10).contains(&seen.peak_in_flight), "{seen:?}");
}

#[tokio::test]
async fn requests_that_wait_together_are_in_flight_together() {
    let visit = Visit::start().await;
    {
        let waiting = stream::iter(0..4).map(|_| visit.status_of("/stall"));
        let mut waiting = waiting.buffer_unordered(4);
        tokio::select! {
            _ = waiting.next() => unreachable!("/stall never answers"),
            seen = in_time(visit.lab.wait_until(|seen| seen.in_flight == 4)) => {
                assert_eq!((seen.peak_in_flight, seen.connections), (4, 4), "{seen:?}");
            }
        }
    }
    in_time(visit.lab.wait_until(|seen| seen.in_flight == 0)).await;
    visit.text_of("/json").await;
    let later = visit.lab.stats();
    assert_eq!((later.requests, later.peak_in_flight), (5, 4), "{later:?}");
}

#[tokio::test]
async fn one_client_after_another_uses_one_connection() {
    let visit = Visit::start().await;
    for _ in 0..5 {
        visit.text_of("/json").await;
    }
    let seen = visit.lab.stats();
    assert_eq!((seen.requests, seen.connections), (5, 1), "{seen:?}");
    assert_eq!(visit.lab.requests_to("/json"), 5);
    assert_eq!(visit.lab.requests_to("/xml"), 0);
}

#[tokio::test]
async fn a_dropped_lab_closes_its_port_and_its_connections() {
    let Visit { lab, client } = Visit::start().await;
    let mut open = connection_to(&lab).await;
    in_time(client.get(lab.url("/json")).send()).await.expect("an answer while it runs");
    let address = address_of(&lab);
    in_time(lab.wait_until(|seen| seen.open_connections == 2)).await;
    drop(lab);
    let rest = in_time(open.read_u8()).await;
    assert!(rest.is_err(), "a dropped lab sent {rest:?}");
    let refused = async {
        // Another test may have got the port the moment it was free; it gives it back.
        while TcpStream::connect(&address).await.is_ok() {
            sleep(10.ms()).await;
        }
    };
    in_time(refused).await;
}
