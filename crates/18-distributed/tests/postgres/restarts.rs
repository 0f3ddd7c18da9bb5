//! A server that is killed and restarted is a pause for its clients, not an end.

use std::{collections::HashMap, num::NonZeroUsize, time::Duration};

use distributed::{Broker, Message, PublishError, Settings};
use tokio::{task::spawn_blocking, time::sleep};

use crate::{server::Server, space::Space};

const JOBS: usize = 300;

/// The publisher and the workers run all the time. The server is killed three times.
#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_loses_no_job_and_stops_no_worker() {
    let Some(mut server) = Server::start() else { return };
    let space = Space::on(server.url()).await;
    let settings = Settings {
        ack_wait: Duration::from_secs(2),
        max_deliver: 100,
        max_ack_pending: 20,
        ..Settings::default()
    };
    let queue = space.broker.queue("jobs", settings).await.unwrap();

    let publisher = tokio::spawn({
        let queue = queue.clone();
        async move {
            for n in 0..JOBS {
                let job = Message::new(n.to_string()).id(n.to_string());
                // With an id it is repeated until the server answers.
                queue.publish_one(job).await.expect("the server is back in time");
                sleep(Duration::from_millis(5)).await;
            }
        }
    });
    let worker = |queue: std::sync::Arc<dyn distributed::Queue>| async move {
        let mut done = Vec::new();
        let few = NonZeroUsize::new(3).unwrap();
        // Nothing more comes, when the last jobs would have been delivered again.
        while let Ok(received) =
            tokio::time::timeout(Duration::from_secs(6), queue.receive(0, few)).await
        {
            for delivery in received.expect("the server is back in time") {
                let n: usize =
                    String::from_utf8_lossy(&delivery.message.body).parse().unwrap();
                delivery.ack().await.expect("the server is back in time");
                done.push(n);
            }
        }
        done
    };
    let workers: Vec<_> = (0..4).map(|_| tokio::spawn(worker(queue.clone()))).collect();

    for _ in 0..3 {
        sleep(Duration::from_millis(400)).await;
        server = spawn_blocking(move || {
            server.kill();
            server.restart();
            server
        })
        .await
        .unwrap();
    }
    publisher.await.unwrap();
    let mut times_done = HashMap::new();
    for worker in workers {
        for n in worker.await.unwrap() {
            *times_done.entry(n).or_insert(0) += 1;
        }
    }
    let lost: Vec<_> = (0..JOBS).filter(|n| !times_done.contains_key(n)).collect();
    assert!(lost.is_empty(), "lost: {lost:?}");
    let status = queue.status().await.unwrap();
    assert_eq!((status.waiting, status.in_flight, status.dead), (0, 0, 0), "{status:?}");
}

#[tokio::test]
async fn notifications_come_again_after_a_restart() {
    let Some(mut server) = Server::start() else { return };
    let space = Space::on(server.url()).await;
    let queue = space.broker.queue("jobs", Settings::default()).await.unwrap();
    server.kill();
    server.restart();
    crate::wakeups::assert_prompt(space.another().await.as_ref(), &queue).await;
}

#[tokio::test]
async fn a_server_that_stays_away_is_an_error_that_says_so() {
    let Some(mut server) = Server::start() else { return };
    let space = Space::on(server.url()).await;
    let queue = space.broker.queue("jobs", Settings::default()).await.unwrap();
    let log = space.broker.log("history").await.unwrap();
    queue.publish_one(Message::new("a")).await.unwrap();
    let delivery = queue.receive_one().await.unwrap();
    server.kill();

    let publish = queue.publish(vec![Message::new("b"), Message::new("c").id("1")]);
    let (published, received, acknowledged, appended) = tokio::join!(
        publish,
        queue.receive_one(),
        delivery.ack(),
        log.append(0, "x".into())
    );
    for error in published.into_iter().map(Result::unwrap_err) {
        assert!(matches!(error, PublishError::Unknown(_)), "{error}");
    }
    // If the server ends during a statement and no later attempt has an answer, that is the error.
    let errors = [
        received.map(drop).unwrap_err().to_string(),
        acknowledged.unwrap_err().to_string(),
        appended.unwrap_err().to_string(),
    ];
    for error in errors {
        assert!(error.starts_with("PostgreSQL at "), "{error}");
        let what_to_do = ["Start it, or correct DATABASE_URL", "Try again later"];
        assert!(what_to_do.iter().any(|it| error.ends_with(it)), "{error}");
    }

    server.restart();
    let status = queue.status().await.expect("the same process goes on");
    assert_eq!(
        (status.waiting, status.in_flight),
        (0, 1),
        "what is stored is still there"
    );
}
