//! Whatever happens to the messages on their way, each event is drawn once.

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use async_kit::{
    Lane, Millis, Transcript, say,
    stage::{
        Recording,
        record::{Ending, Event, LaneId, LaneInfo, Place, What},
    },
    virtual_time,
};
use futures::future::join_all;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex},
    join,
    time::{sleep, timeout},
};

use super::*;
use crate::{Broker, Embedded, Settings, answer_clock, compare_clocks};

/// Both clocks began at the same time.
const SAME: Clocks =
    Clocks { theirs: Duration::ZERO, ours: Duration::ZERO, within: Duration::ZERO };

fn recorder() -> Recorder {
    Recorder::current().expect("a run has a recorder")
}

fn recorded(program: impl Future<Output = ()> + Send + 'static) -> Recording {
    virtual_time(Transcript::of(program)).recording().clone()
}

fn said(recording: &Recording) -> Vec<(u128, &str)> {
    let said = recording.events.iter().filter_map(|event| match &event.what {
        What::Said(text) => Some((event.at.as_millis(), text.as_str())),
        _ => None,
    });
    said.collect()
}

async fn queue(settings: Settings) -> Arc<dyn Queue> {
    Embedded::in_memory().queue("records", settings).await.expect("a queue")
}

/// Says a number every 10 ms.
async fn count(to: usize) {
    for n in 1..=to {
        sleep(10.ms()).await;
        say!("{n}");
    }
}

/// Adds all messages of the queue, in their order.
async fn read_all(queue: &dyn Queue, reader: &mut RecordReader) {
    while queue.status().await.expect("a status").waiting > 0 {
        let delivered = queue.receive_one().await.expect("a message");
        reader.add(&delivered.message).expect("a record");
        delivered.ack().await.expect("removed");
    }
}

fn sent(number: u64, part: Part) -> Sent {
    Sent { process: "p".into(), start: 7, number, clocks: SAME, part }
}

fn message(number: u64, part: Part) -> Message {
    Message::new(sent(number, part).to_bytes())
}

/// A part in which one line is said, in a lane.
fn line(text: &str, at: Duration) -> Part {
    let lanes = vec![LaneInfo { name: "lane".into(), made_at: None }];
    let what = What::Said(text.into());
    let events = vec![Event { at, lane: Some(LaneId(0)), what, place: None }];
    let recording = Recording { lanes, events, end: at, ..Recording::default() };
    Part { recording, lanes: vec![LaneId(3)] }
}

#[test]
fn every_kind_of_event_arrives_as_it_was_sent() {
    let at = |line| Some(Place::Line { file: "a.rs".into(), line });
    let kinds = [
        What::Made,
        What::Started,
        What::Unpolled { since: 3.ms() },
        What::Said("2 < 3\n\u{1}\" €".into()),
        What::StepIn(9, "works".into()),
        What::StepOut(9),
        What::Waits,
        What::Ended(Ending::Done),
        What::Ended(Ending::Failed),
        What::Ended(Ending::Panicked),
        What::Ended(Ending::Dropped),
        What::Ended(Ending::NeverPolled),
    ];
    let event = |what| Event { at: 5.ms(), lane: Some(LaneId(0)), what, place: at(8) };
    let mut events: Vec<_> = kinds.into_iter().map(event).collect();
    events.push(Event { lane: None, place: None, ..events[0].clone() });
    let lanes = vec![LaneInfo { name: "a \\ b".into(), made_at: at(3) }];
    let recording =
        Recording { lanes, events, end: 9.ms(), lost: 2, ..Recording::default() };
    let part = Part { recording, lanes: vec![LaneId(41)] };
    let clocks = Clocks { theirs: 1.ms(), ours: 2.ms(), within: Duration::from_nanos(3) };
    let sent = Sent { clocks, ..sent(6, part) };
    let read = read(&sent.to_bytes()).expect("it is a record");
    assert_eq!(format!("{read:?}"), format!("{sent:?}"));
}

#[test]
fn a_message_that_is_no_record_is_refused_and_adds_nothing() {
    let record = sent(0, line("text", 1.ms())).to_bytes();
    let record = String::from_utf8(record).expect("JSON");
    let with = |from: &str, to: &str| {
        assert!(record.contains(from), "{record}");
        record.replacen(from, to, 1).into_bytes()
    };
    let refused = [
        (vec![b'['; MAX_BODY + 1], "larger than a broker accepts"),
        (b"\xff\n{}".to_vec(), "utf-8"),
        (b"hello".to_vec(), "it is one line"),
        (b"hello\nworld".to_vec(), "expected value"),
        (vec![b'['; MAX_BODY], "one line"),
        ([b"{}\n".to_vec(), vec![b'['; 1_000]].concat(), "missing field"),
        (with("\"version\":1", "\"version\":2"), "version 2, and this program reads"),
        (with("\"at\":1000", "\"at\":-1"), "invalid value"),
        (with("\"said\"", "\"sung\""), "unknown variant `sung`"),
        (with("\"lane\":0", "\"lane\":4"), "an event names lane 4"),
        (with("\"lanes\":[3]", "\"lanes\":[]"), "1 lanes and 0 numbers"),
        (with(",\"text\":\"text\"", ",\"text\":\"text\",\"place\":[0,1]"), "no file"),
        (with("\"number\":0", "\"number\":9999"), "while record 0 is missing"),
        (with("\"runs\":[", "\"runs\":[],\"old\":["), "invalid length 0"),
    ];
    let recording = recorded(async move {
        let mut reader = RecordReader::new(recorder());
        for (body, why) in refused {
            let refused = reader.add(&Message::new(body)).expect_err(why).to_string();
            assert!(refused.contains(why), "{refused}");
        }
        drop(reader);
    });
    assert_eq!((recording.lanes.len(), recording.processes.len()), (0, 0));
}

#[test]
fn messages_that_come_twice_or_in_another_order_are_drawn_once_and_in_theirs() {
    let recording = recorded(async {
        sleep(50.ms()).await;
        let mut reader = RecordReader::new(recorder());
        for number in [2, 0, 0, 1, 3, 2, 1] {
            let part = line(&number.to_string(), (10 * number).ms());
            reader.add(&message(number, part)).expect("a record");
        }
    });
    assert_eq!(said(&recording), [(0, "0"), (10, "1"), (20, "2"), (30, "3")]);
    assert_eq!(recording.lanes.len(), 1);
}

#[test]
fn what_comes_after_a_message_that_never_comes_is_drawn_at_the_end() {
    let recording = recorded(async {
        sleep(50.ms()).await;
        let mut reader = RecordReader::new(recorder());
        for number in [0, 2] {
            let part = line(&number.to_string(), (10 * number).ms());
            reader.add(&message(number, part)).expect("a record");
        }
        drop(reader);
    });
    assert_eq!(said(&recording), [(0, "0"), (20, "2")]);
    assert_eq!(recording.ending("p › lane"), Some(Ending::Dropped));
}

#[test]
fn a_restarted_process_of_the_same_name_is_another_one() {
    let recording = recorded(async {
        let queue = queue(Settings::default()).await;
        for text in ["first", "second"] {
            let theirs = Recorder::silent();
            theirs.record(async { async { say!("{text}") }.lane("lane").await }).await;
            let mut sender = RecordSender::new("p", theirs, Arc::clone(&queue), SAME);
            sender.send().await.expect("stored");
        }
        let mut reader = RecordReader::new(recorder());
        read_all(&*queue, &mut reader).await;
    });
    assert_eq!(said(&recording), [(0, "first"), (0, "second")]);
    assert_eq!(recording.lanes.len(), 2);
}

/// The queue has room for two messages. The third is sent when there is room again.
#[test]
fn a_message_that_is_refused_is_sent_by_the_next_call() {
    let recording = recorded(async {
        let settings = Settings { max_messages: Some(2), ..Settings::default() };
        let queue = queue(settings).await;
        let theirs = Recorder::silent();
        let mut sender = RecordSender::new("p", theirs.clone(), Arc::clone(&queue), SAME);
        let mut reader = RecordReader::new(recorder());
        for full in [false, false, true] {
            theirs.record(count(1)).await;
            assert_eq!(sender.send().await.is_err(), full);
        }
        theirs.record(count(1)).await;
        read_all(&*queue, &mut reader).await;
        sender.send().await.expect("there is room again");
        read_all(&*queue, &mut reader).await;
    });
    assert_eq!(said(&recording), [(10, "1"), (20, "1"), (30, "1"), (40, "1")]);
}

#[test]
fn a_line_that_no_broker_accepts_is_counted_as_missing() {
    // Not a transcript, which refuses a run that lacks events.
    let recording = virtual_time(async {
        let ours = Recorder::silent();
        let queue = queue(Settings::default()).await;
        let theirs = Recorder::silent();
        let mut sender = RecordSender::new("p", theirs.clone(), Arc::clone(&queue), SAME);
        theirs.record(async { say!("{}", "x".repeat(MAX_BODY)) }).await;
        assert!(matches!(sender.send().await, Err(PublishError::TooLarge { .. })));
        theirs.record(async { say!("short") }).await;
        sender.send().await.expect("stored");
        let mut reader = RecordReader::new(ours.clone());
        read_all(&*queue, &mut reader).await;
        ours.recording()
    });
    assert_eq!((recording.lost, said(&recording).len()), (1, 1));
}

#[test]
fn a_process_with_many_events_sends_several_messages() {
    let recording = recorded(async {
        let queue = queue(Settings::default()).await;
        let theirs = Recorder::silent();
        theirs.record(async { (0..MAX_EVENTS.get()).for_each(|n| say!("{n}")) }).await;
        let mut sender = RecordSender::new("p", theirs, Arc::clone(&queue), SAME);
        sender.send().await.expect("stored");
        assert_eq!(queue.status().await.expect("a status").waiting, 2);
        read_all(&*queue, &mut RecordReader::new(recorder())).await;
    });
    assert_eq!(said(&recording).len(), MAX_EVENTS.get());
}

/// The worker sends every 26 ms, and is killed at 55 ms: nothing is known of the last 3 ms.
#[test]
fn a_killed_process_is_drawn_up_to_its_last_message() {
    let recording = recorded(async {
        let queue = queue(Settings::default()).await;
        let theirs = Recorder::silent();
        let mut sender = RecordSender::new("p", theirs.clone(), Arc::clone(&queue), SAME);
        let works = theirs.record(async { count(usize::MAX).lane("lane").await });
        let sends = async {
            loop {
                sleep(26.ms()).await;
                sender.send().await.expect("stored");
            }
        };
        let process = async { join!(works, sends) };
        timeout(55.ms(), process).await.map(drop).expect_err("it does not end");
        let mut reader = RecordReader::new(recorder());
        read_all(&*queue, &mut reader).await;
        sleep(100.ms()).await;
        drop(reader);
    });
    assert_eq!(said(&recording).last(), Some(&(50, "5")));
    let last = recording.events.last().map(|event| (event.at, event.what.clone()));
    assert_eq!(last, Some((52.ms(), What::Ended(Ending::Dropped))));
}

#[test]
fn a_cancelled_call_sends_its_message_the_next_time() {
    let recording = recorded(async {
        let queue = queue(Settings::default()).await;
        let theirs = Recorder::silent();
        let mut sender = RecordSender::new("p", theirs.clone(), Arc::clone(&queue), SAME);
        theirs.record(count(1)).await;
        futures::future::poll_immediate(sender.send()).await;
        theirs.record(count(1)).await;
        sender.send().await.expect("stored");
        read_all(&*queue, &mut RecordReader::new(recorder())).await;
    });
    assert_eq!(said(&recording), [(10, "1"), (20, "1")]);
}

/// One way of a connection, which takes this time.
fn one_way(delay: Duration) -> (DuplexStream, DuplexStream) {
    let ((near, mut inlet), (mut outlet, far)) = (duplex(64), duplex(64));
    tokio::spawn(async move {
        let mut message = [0; 64];
        while let Ok(count @ 1..) = inlet.read(&mut message).await {
            sleep(delay).await;
            let _ = outlet.write_all(&message[..count]).await;
        }
    });
    (near, far)
}

/// A process whose clock begins 5 s after ours takes a letter as soon as it is published, and publishes an
/// answer. Returns when the letter, its arrival, the answer and its arrival are drawn, and the bound.
fn letter_and_answer(there: Duration, back: Duration) -> ([Duration; 4], Duration) {
    let recording = recorded(async move {
        let [letters, answers, records] =
            join_all((0..3).map(|_| queue(Settings::default())))
                .await
                .try_into()
                .ok()
                .expect("3");
        let (ours, theirs) = (recorder(), Recorder::silent());
        let ((questions, asked), (replies, replied)) = (one_way(there), one_way(back));
        let clock = ours.clone();
        tokio::spawn(answer_clock(asked, replies, move || clock.elapsed()));
        let other = async {
            sleep(5.secs()).await;
            theirs.begin();
            let now = || theirs.elapsed();
            let clocks = compare_clocks(replied, questions, now, NonZeroUsize::MIN).await;
            theirs
                .record(async {
                    letters
                        .receive_one()
                        .await
                        .expect("a letter")
                        .ack()
                        .await
                        .expect("ack");
                    say!("letter arrives");
                    sleep(1.secs()).await;
                    say!("answer");
                    answers.publish_one(Message::new("")).await.expect("stored");
                })
                .await;
            let clocks = clocks.expect("an answer");
            let mut sender =
                RecordSender::new("p", theirs.clone(), records.clone(), clocks);
            sender.send().await.expect("stored");
        };
        let own = async {
            sleep(7.secs()).await;
            say!("letter");
            letters.publish_one(Message::new("")).await.expect("stored");
            answers.receive_one().await.expect("an answer").ack().await.expect("ack");
            say!("answer arrives");
        };
        join!(other, own);
        // Later: no event is drawn in the future, so this alone would correct the last ones.
        sleep(1.secs()).await;
        read_all(&*records, &mut RecordReader::new(ours)).await;
    });
    let at = |wanted| {
        let mut said = recording.events.iter();
        let event = said.find(|event| event.what == What::Said(String::from(wanted)));
        event.expect(wanted).at
    };
    let times = ["letter", "letter arrives", "answer", "answer arrives"].map(at);
    (times, recording.processes[0].within)
}

#[test]
fn no_effect_is_drawn_before_its_cause_by_more_than_the_picture_states() {
    for (there, back) in [(0, 0), (40, 40), (400, 0), (0, 400), (10, 90)] {
        let (times, within) = letter_and_answer(there.ms(), back.ms());
        let [letter, arrival, answer, its_arrival] = times;
        assert!(arrival + within >= letter, "{there} ms, {back} ms: {times:?}");
        assert!(its_arrival + within >= answer, "{there} ms, {back} ms: {times:?}");
        assert!(within <= (there + back).ms() / 2 + 1.ms(), "{within:?}");
    }
}

/// Half of 400 ms: the stated error is not larger than it must be.
#[test]
fn over_a_link_that_is_slow_in_one_way_an_effect_is_drawn_before_its_cause() {
    let ([letter, arrival, ..], _) = letter_and_answer(0.ms(), 400.ms());
    assert_eq!(arrival + 200.ms(), letter);
    let ([.., answer, its_arrival], _) = letter_and_answer(400.ms(), 0.ms());
    assert_eq!(its_arrival + 200.ms(), answer);
}
