//! A stop lets the system handle every message that it has accepted, and report each of them.
//!
//! asyncio: cancel the producers, `join` the queue, cancel the consumers. If a handler fails before
//! `task_done`, that `join` never returns. Here: stop the producers, close the queue, and wait for
//! the consumers, which end when the queue is closed and empty. If a handler panics, its consumer
//! keeps running, and the message is still in the report.

mod report;
mod simulation;

use std::{panic::AssertUnwindSafe, time::Duration};

use async_kit::{Lane, Millis, WorkQueue, ask, knob, say};
use futures::FutureExt;
use tokio::{
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use report::{Log, Report};
use simulation::{Message, messages};

/// Two producers send all their messages, and each is completed. Then five producers are too fast for
/// two consumers, and the stop comes while producers wait for room.
pub(crate) async fn run() -> anyhow::Result<()> {
    let stop_after = knob("stop-after", 100.ms(), 1.ms()..=5.secs());
    let stopped = Plan {
        name: "stopped",
        producers: knob("producers", 5, 1..=5),
        consumers: knob("consumers", 2, 1..=8),
        messages: knob("messages", 15, 1..=30),
        capacity: knob("capacity", 4, 1..=50),
    };
    ask("consumers=8", "how many messages are in the queue at the stop?");
    let report = simulate(FINISHED, None).await;
    say!("finished: {report}");
    let report = simulate(stopped, Some(stop_after)).await;
    say!("stopped: {report}");
    Ok(())
}

const FINISHED: Plan =
    Plan { name: "finished", producers: 2, consumers: 3, messages: 15, capacity: 50 };

/// The size of a system; `messages` is the number that each producer sends.
#[derive(Clone, Copy)]
struct Plan {
    name: &'static str,
    producers: usize,
    consumers: usize,
    messages: usize,
    capacity: usize,
}

/// Stops when every message has been sent, or earlier.
async fn simulate(plan: Plan, stop_after: Option<Duration>) -> Report {
    let mut system = System::start(plan.name, plan.consumers, plan.capacity);
    for producer in 0..plan.producers {
        system.produce(producer, messages(producer, plan.messages));
    }
    let stop_after = stop_after.unwrap_or(Duration::MAX);
    if timeout(stop_after, system.all_sent()).await.is_err() {
        say!("stops with {} messages in the queue", system.queue.len());
    }
    system.stop().await
}

// ANCHOR: messages
/// `start` is the only constructor and `stop` consumes the system, so a system cannot be used
/// before its start or after its stop.
struct System {
    name: &'static str,
    queue: WorkQueue<Message>,
    stop: CancellationToken,
    log: Log,
    producers: JoinSet<()>,
    consumers: JoinSet<()>,
}

impl System {
    fn start(name: &'static str, consumers: usize, capacity: usize) -> Self {
        assert!(consumers > 0, "without a consumer no message would be handled");
        let mut system = Self {
            name,
            queue: WorkQueue::bounded(capacity),
            stop: CancellationToken::new(),
            log: Log::default(),
            producers: JoinSet::new(),
            consumers: JoinSet::new(),
        };
        for n in 0..consumers {
            let consume = consume(system.queue.clone(), system.log.clone());
            system.consumers.spawn(consume.lane(format!("{name}/consumer-{n}")));
        }
        system
    }

    fn produce<M>(&mut self, n: usize, messages: M)
    where
        M: Iterator<Item = (Message, Duration)> + Send + 'static,
    {
        let (queue, stop) = (self.queue.clone(), self.stop.clone());
        let log = self.log.clone();
        let produce = async move {
            let mut sent = 0;
            // A stop cancels a `send` that waits for room; that message has not been sent.
            stop.run_until_cancelled(send_all(messages, &queue, &mut sent)).await;
            log.with(|report| report.sent += sent);
        };
        self.producers.spawn(produce.lane(format!("{}/producer-{n}", self.name)));
    }

    /// Waits until every producer has ended.
    async fn all_sent(&mut self) {
        while let Some(ended) = self.producers.join_next().await {
            ended.expect("a producer does not panic");
        }
    }

    /// Accepts no new message, handles every accepted message, and returns the report.
    async fn stop(mut self) -> Report {
        self.stop.cancel();
        self.all_sent().await;
        self.queue.close();
        self.consumers.join_all().await;
        let mut report = self.log.with(|report| report.clone());
        report.dead.extend(self.queue.dead_letters().into_iter().map(|dead| dead.id));
        report
    }
}

async fn send_all(
    messages: impl Iterator<Item = (Message, Duration)>,
    queue: &WorkQueue<Message>,
    sent: &mut usize,
) {
    for (message, pause) in messages {
        let id = message.id.clone();
        if queue.send(message).await.is_err() {
            return;
        }
        *sent += 1;
        say!("has sent {id}");
        sleep(pause).step("composing").await;
    }
}

async fn consume(queue: WorkQueue<Message>, log: Log) {
    while let Some(message) = queue.recv().await {
        say!("handles {}", message.id);
        let handling = AssertUnwindSafe(handle(&message)).catch_unwind();
        // If the handler panics, `message` is dropped without `done`, so it is delivered again.
        let Ok(handled) = handling.step("handling").await else { continue };
        // The handler has returned. Even if it failed, the message must not be delivered again.
        let Message { id, made, .. } = message.done();
        log.with(|report| {
            report.slowest = report.slowest.max(made.elapsed());
            match handled {
                Ok(()) => {
                    say!("has completed {id}");
                    report.completed.push(id);
                }
                Err(error) => {
                    say!("has failed: {error}");
                    report.failed.push(error.to_string());
                }
            }
        });
    }
}

async fn handle(message: &Message) -> anyhow::Result<()> {
    sleep(message.work).await;
    let Message { id, producer, content, .. } = message;
    anyhow::ensure!(!content.is_empty(), "message {id} of producer-{producer} is empty");
    // The producers send nothing else, so a failure here is a bug and not a bad message.
    assert!(content.starts_with("news"), "{id} does not start with news");
    Ok(())
}
// ANCHOR_END: messages

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use async_kit::{
        Transcript, cancel_at_every_await,
        stage::record::{Ending, What},
        virtual_time,
    };
    use tokio::time::Instant;

    use super::*;

    fn plan(producers: usize, consumers: usize) -> Plan {
        Plan { name: "test", producers, consumers, messages: 15, capacity: 5 }
    }

    fn report_of(plan: Plan, stop_after: Option<u64>) -> (Transcript, Report) {
        let stop_after = stop_after.map(|after| after.ms());
        virtual_time(Transcript::with_output(simulate(plan, stop_after)))
    }

    /// The ids in the lines that begin with `what`, in their order.
    fn said<'a>(seen: &'a Transcript, what: &'a str) -> Vec<&'a str> {
        let texts = seen.lines().iter().map(|line| line.text.as_str());
        texts.filter_map(|text| text.strip_prefix(what)).collect()
    }

    fn distinct(report: &Report) -> usize {
        report.completed.iter().chain(&report.failed).collect::<BTreeSet<_>>().len()
    }

    #[test]
    fn all_thirty_messages_of_two_producers_are_completed() {
        let (seen, report) = report_of(FINISHED, None);
        assert_eq!((report.sent, report.completed.len()), (30, 30), "{seen}{report}");
        assert_eq!(distinct(&report), 30, "{seen}{report}");
        assert!(said(&seen, "stops").is_empty(), "no stop cuts it short: {seen}");
    }

    #[test]
    fn each_message_is_sent_then_handled_then_completed() {
        let (seen, report) = report_of(FINISHED, None);
        for what in ["has sent ", "handles ", "has completed "] {
            let mut ids = said(&seen, what);
            ids.sort_unstable();
            let mut expected = report.completed.clone();
            expected.sort_unstable();
            assert_eq!(ids, expected, "{what}: {seen}");
        }
        for id in &report.completed {
            let lines = seen
                .lines()
                .iter()
                .filter(|line| line.text.split(' ').any(|word| word == id));
            let texts: Vec<_> = lines.map(|line| line.text.as_str()).collect();
            let steps = ["has sent ", "handles ", "has completed "];
            assert_eq!(texts, steps.map(|step| format!("{step}{id}")), "{seen}");
        }
    }

    #[test]
    fn all_tasks_have_ended_when_the_report_is_returned() {
        let (seen, _) = report_of(plan(2, 3), Some(100));
        let events = seen.recording().events.iter();
        let done = events.filter(|event| event.what == What::Ended(Ending::Done));
        assert_eq!(done.count(), 5, "{seen}");
    }

    #[test]
    fn equal_runs_give_equal_reports() {
        let [first, second] = [(); 2].map(|()| report_of(plan(4, 2), Some(200)));
        assert_eq!(first.0.to_string(), second.0.to_string());
        assert_eq!(format!("{:?}", first.1), format!("{:?}", second.1));
    }

    #[test]
    fn a_stop_with_a_backlog_drains_the_accepted_messages() {
        for consumers in [1, 2, 3, 8] {
            let (seen, report) = report_of(plan(4, consumers), Some(200));
            assert!(report.sent < 60, "the stop came in the middle: {seen}{report}");
            assert_eq!(distinct(&report), report.sent, "{seen}{report}");
        }
    }

    #[test]
    fn a_stop_at_any_moment_reports_every_message_that_was_sent() {
        for stop_after in 1..=150 {
            let (seen, report) = report_of(plan(4, 2), Some(stop_after));
            assert_eq!(distinct(&report), report.sent, "{stop_after} ms: {seen}{report}");
        }
    }

    #[test]
    fn an_empty_message_is_reported_and_the_others_are_completed() {
        let (_, report) = report_of(plan(3, 3), None);
        assert_eq!(report.failed, ["message P2-M1 of producer-2 is empty"], "{report}");
        assert_eq!(report.completed.len(), 44, "{report}");
    }

    /// The message is delivered three times, which is more than the number of consumers.
    #[test]
    fn a_message_whose_handler_panics_is_reported_and_ends_no_consumer() {
        for consumers in [1, 2] {
            let report = virtual_time(async move {
                let mut system = System::start("test", consumers, 5);
                system.produce(0, with_a_poison_message(messages(0, 9)));
                system.all_sent().await;
                system.stop().await
            });
            assert_eq!((report.sent, distinct(&report)), (9, 8), "{report}");
            assert_eq!(report.dead, ["P0-M2"], "{report}");
        }
    }

    fn with_a_poison_message<M>(messages: M) -> impl Iterator<Item = M::Item> + Send
    where
        M: Iterator<Item = (Message, Duration)> + Send,
    {
        messages.enumerate().map(|(n, (mut message, pause))| {
            if n == 2 {
                message.content = "poison".into();
            }
            (message, pause)
        })
    }

    #[test]
    fn a_stop_ends_a_producer_that_waits_for_room() {
        let (stopped_after, report) = virtual_time(async {
            let mut system = System::start("test", 1, 1);
            for n in 0..5 {
                system.produce(n, messages(n, 15));
            }
            sleep(100.ms()).await;
            assert_eq!(system.queue.len(), 1, "the queue is full");
            let stop = Instant::now();
            system.stop.cancel();
            system.all_sent().await;
            (stop.elapsed(), system.stop().await)
        });
        assert_eq!(stopped_after, Duration::ZERO, "{report}");
        assert_eq!(distinct(&report), report.sent, "{report}");
    }

    /// One consumer for four producers: a message waits for room, and then in the queue.
    #[test]
    fn the_slowest_time_includes_the_wait_for_room() {
        let (_, crowded) = report_of(plan(4, 1), None);
        let (_, idle) = report_of(plan(1, 8), None);
        assert!(idle.slowest <= 30.ms(), "only the work takes time: {idle}");
        assert!(
            crowded.slowest > 100.ms(),
            "a message waits behind a full queue: {crowded}"
        );
    }

    #[test]
    fn idle_consumers_end_immediately_at_the_stop() {
        let took = virtual_time(async {
            let system = System::start("test", 3, 5);
            sleep(100.ms()).await;
            let stop = Instant::now();
            system.stop().await;
            stop.elapsed()
        });
        assert_eq!(took, Duration::ZERO);
    }

    #[test]
    fn a_cancelled_consumer_leaves_one_report_of_each_message() {
        let cuts = cancel_at_every_await(
            async || {
                let queue = WorkQueue::bounded(3);
                for (message, _) in messages(0, 3) {
                    assert!(queue.send(message).await.is_ok(), "the queue is open");
                }
                queue.close();
                (queue, Log::default())
            },
            async |(queue, log)| consume(queue.clone(), log.clone()).await,
            async |(queue, log), cut| {
                consume(queue.clone(), log.clone()).await;
                let mut completed = log.with(|report| report.completed.clone());
                completed.sort();
                assert_eq!(completed, ["P0-M0", "P0-M1", "P0-M2"], "{cut}");
            },
        );
        assert_eq!(
            cuts, 7,
            "one cut before the first poll, and two for each of the three messages"
        );
    }

    #[test]
    #[should_panic(expected = "a producer does not panic")]
    fn the_panic_of_a_producer_reaches_the_caller() {
        virtual_time(async {
            let mut system = System::start("test", 1, 5);
            system
                .produce(0, messages(0, 3).inspect(|_| panic!("cannot make a message")));
            system.all_sent().await
        });
    }

    #[test]
    #[should_panic(expected = "without a consumer")]
    fn a_system_without_a_consumer_panics_at_its_start() {
        virtual_time(async {
            System::start("test", 0, 5);
        });
    }
}
