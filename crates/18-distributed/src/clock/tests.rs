//! The comparison is as exact as it states, also over a slow link.

use std::{iter, time::Duration};

use async_kit::{Millis, virtual_time};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex},
    join,
    time::{Instant, sleep},
};

use super::*;

/// One way of a connection; each message takes the next of these times.
fn one_way(
    mut delays: impl Iterator<Item = Duration> + Send + 'static,
) -> (DuplexStream, DuplexStream) {
    let ((near, mut inlet), (mut outlet, far)) = (duplex(64), duplex(64));
    tokio::spawn(async move {
        let mut message = [0; 64];
        while let Ok(count @ 1..) = inlet.read(&mut message).await {
            sleep(delays.next().expect("endless")).await;
            let _ = outlet.write_all(&message[..count]).await;
        }
    });
    (near, far)
}

/// Compares a clock with one that is 7 s ahead, over ways that take these times. Returns by how much the
/// result is wrong, too.
fn compared(
    there: impl Iterator<Item = Duration> + Send + 'static,
    back: impl Iterator<Item = Duration> + Send + 'static,
    rounds: usize,
) -> (Clocks, Duration) {
    virtual_time(async move {
        let began = Instant::now();
        let ahead = move || began.elapsed() + 7.secs();
        let (questions, asked) = one_way(there);
        let (answers, answered) = one_way(back);
        tokio::spawn(answer_clock(asked, answers, ahead));
        let rounds = NonZeroUsize::new(rounds).expect("at least one");
        let now = || began.elapsed();
        let clocks = compare_clocks(answered, questions, now, rounds).await;
        let clocks = clocks.expect("answers");
        (clocks, clocks.ours_at(1.secs()).abs_diff(8.secs()))
    })
}

#[test]
fn a_link_that_is_as_slow_in_both_ways_makes_no_error() {
    let slow = || iter::repeat(300.ms());
    let (clocks, error) = compared(slow(), slow(), 3);
    assert_eq!((clocks.within, error), (300.ms(), 0.ms()), "{clocks:?}");
}

#[test]
fn a_link_that_is_slow_in_one_way_makes_the_largest_error() {
    let (slow, fast) = (|| iter::repeat(300.ms()), || iter::repeat(0.ms()));
    let (clocks, error) = compared(slow(), fast(), 3);
    assert_eq!((clocks.within, error), (150.ms(), 150.ms()), "{clocks:?}");
    let (clocks, error) = compared(fast(), slow(), 3);
    assert_eq!((clocks.within, error), (150.ms(), 150.ms()), "{clocks:?}");
}

#[test]
fn the_fastest_round_trip_is_kept() {
    let there = [90.ms(), 10.ms(), 50.ms()].into_iter().cycle();
    let (clocks, error) = compared(there, iter::repeat(4.ms()), 3);
    assert_eq!((clocks.within, error), (7.ms(), 3.ms()), "{clocks:?}");
}

#[test]
fn a_closed_connection_ends_both_sides() {
    virtual_time(async {
        let now = || Duration::ZERO;
        let ((questions, asked), (answers, answered)) = (duplex(64), duplex(64));
        drop(questions);
        answer_clock(asked, answers, now).await.expect("a regular end");
        let (questions, _asked) = duplex(64);
        let compared = compare_clocks(answered, questions, now, NonZeroUsize::MIN).await;
        assert_eq!(compared.expect_err("no answer").kind(), ErrorKind::UnexpectedEof);
    });
}

#[test]
fn what_is_no_question_ends_the_answers() {
    virtual_time(async {
        let (mut questions, asked) = duplex(64);
        let answering = answer_clock(asked, tokio::io::sink(), || Duration::ZERO);
        let (sent, answered) = join!(questions.write_all(b"?hello"), answering);
        sent.expect("sent");
        assert_eq!(answered.expect_err("no question").kind(), ErrorKind::InvalidData);
    });
}

#[test]
fn a_moment_beyond_64_bits_is_the_last_one() {
    virtual_time(async {
        let ((questions, asked), (answers, answered)) = (duplex(64), duplex(64));
        tokio::spawn(answer_clock(asked, answers, || Duration::MAX));
        let now = || Duration::ZERO;
        let clocks = compare_clocks(answered, questions, now, NonZeroUsize::MIN).await;
        assert_eq!(clocks.expect("an answer").ours, Duration::from_nanos(u64::MAX));
    });
}
