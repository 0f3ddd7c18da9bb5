//! A lane costs almost nothing if no timeline is drawn.

use std::{
    hint::black_box,
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
};

use async_kit::{
    Lane,
    stage::record::{Recorder, Settings},
};

use crate::harness::{Adds, Bench};

pub(crate) fn rows(bench: &mut Bench) {
    bench.row("lane: a poll outside any run", laned, bare, Adds(20.0));
    bench.row("lane: a poll with the timeline off", laned_in_a_run, bare, Adds(20.0));
}

/// Never ready, and counts its polls.
struct Polls(u64);

impl Future for Polls {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        self.0 = black_box(self.0 + 1);
        Poll::Pending
    }
}

fn poll(n: u64, future: impl Future<Output = ()>) {
    let mut future = pin!(future);
    let mut cx = Context::from_waker(Waker::noop());
    for _ in 0..n {
        assert!(black_box(future.as_mut()).poll(&mut cx).is_pending());
    }
}

async fn bare(n: u64) {
    poll(n, Polls(0));
}

async fn laned(n: u64) {
    poll(n, Polls(0).lane("job"));
}

async fn laned_in_a_run(n: u64) {
    let recorder = Recorder::new(false, Settings::default(), |_, _, _| {});
    let _here = recorder.install();
    poll(n, Polls(0).lane("job"));
}
