//! What a stranger publishes in the queues of a crawl becomes a dead letter, and the crawl goes on.

use async_kit::{Millis, virtual_time};
use distributed::{Message, Settings};

use super::{
    same_result::site,
    support::{START, end, in_memory, member, options, plain, plan, shared},
};

/// The settings of the queues of a crawl with these options.
pub(crate) fn settings() -> Settings {
    Settings {
        ack_wait: options().ack_wait,
        max_deliver: 1_000_000,
        max_ack_pending: 100_000,
        dedup_window: (24 * 60 * 60).secs(),
        ..Settings::default()
    }
}

#[test]
fn an_unreadable_message_in_any_queue_becomes_a_dead_letter() {
    virtual_time(async {
        let (alone, together, plan) = (site(), site(), plan(&[START]));
        let expected = plain(&alone, &plan).await;
        let broker = in_memory();
        for name in ["crawl", "pages", "results"] {
            let settings = match name {
                "crawl" => settings(),
                _ => Settings { dedup_window: 120.secs(), ..settings() },
            };
            let queue = broker.queue(name, settings).await.expect("a queue");
            for body in [
                &b"????"[..],
                b"",
                b"{}",
                b"\xff\n",
                b"{\"id\":\"9.9\",\"part\":0,\"of\":1}\n{}",
            ] {
                queue.publish_one(Message::new(body)).await.expect("it is stored");
            }
        }
        let members =
            [(); 2].map(|()| member(&broker, together.clone(), &plan, options()));
        for member in members {
            end(member).await;
        }
        assert_eq!(shared(&broker).await, expected);
        for name in ["crawl", "pages", "results"] {
            let settings = match name {
                "crawl" => settings(),
                _ => Settings { dedup_window: 120.secs(), ..settings() },
            };
            let queue = broker.queue(name, settings).await.expect("a queue");
            assert_eq!(queue.status().await.expect("a status").dead, 5, "{name}");
        }
    });
}
