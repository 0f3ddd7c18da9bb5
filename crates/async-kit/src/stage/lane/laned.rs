//! A lane ends exactly once: done, failed, panicked, dropped, or never polled.

use std::{
    panic::Location,
    pin::Pin,
    task::{Context, Poll, ready},
    thread,
};

use futures::future::BoxFuture;

use super::track::Track;
use crate::stage::record::{Ending, InLane, Recorder};

/// The future of [`Lane::lane`](super::Lane::lane).
///
/// It boxes its future, so that tasks which differ in nothing but their code are one type to the
/// runtime: a chapter is built in half the time.
#[must_use = "a lane does nothing unless it is polled"]
pub struct Laned<'a, T> {
    // An `Option`, so that the future can be dropped while the lane is still current.
    future: Option<BoxFuture<'a, T>>,
    // The name, for a run that begins only after the lane was made.
    unclaimed: Option<(String, &'static Location<'static>)>,
    track: Option<Track>,
    judge: fn(&T) -> Ending,
}

impl<'a, T> Laned<'a, T> {
    #[track_caller]
    pub(super) fn new(
        future: BoxFuture<'a, T>,
        name: String,
        judge: fn(&T) -> Ending,
    ) -> Self {
        let made_at = Location::caller();
        let (track, unclaimed) = match Recorder::current() {
            Some(recorder) => (Some(Track::new(recorder, name, made_at)), None),
            None => (None, Some((name, made_at))),
        };
        Self { future: Some(future), unclaimed, track, judge }
    }
}

impl<T> Future for Laned<'_, T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let this = self.get_mut();
        let future = this.future.as_mut();
        let future = future.expect("a lane is not polled again after it ended").as_mut();
        if let Some((name, made_at)) = this.unclaimed.take() {
            let recorder = Recorder::current();
            this.track = recorder.map(|recorder| Track::new(recorder, name, made_at));
        }
        let mark = MarkPanic::new(&mut this.track);
        let output = match mark.track {
            Some(track) => ready!(track.poll(future, cx)),
            None => ready!(future.poll(cx)),
        };
        this.future = None;
        mark.end((this.judge)(&output));
        Poll::Ready(output)
    }
}

impl<T> Drop for Laned<'_, T> {
    fn drop(&mut self) {
        let mark = MarkPanic::new(&mut self.track);
        let Some(track) = mark.track else { return };
        let ending =
            if track.has_started() { Ending::Dropped } else { Ending::NeverPolled };
        {
            track.given_up();
            let _lane = InLane::enter(&track.recorder, track.lane);
            self.future = None;
        }
        mark.end(ending);
    }
}

/// Ends the lane as panicked if it is dropped by a panic that began after it was made.
struct MarkPanic<'a> {
    track: &'a mut Option<Track>,
    /// A lane may be polled or dropped by a thread that unwinds already.
    unwinding: bool,
}

impl<'a> MarkPanic<'a> {
    fn new(track: &'a mut Option<Track>) -> Self {
        Self { track, unwinding: thread::panicking() }
    }

    fn end(self, ending: Ending) {
        if let Some(track) = self.track.take() {
            track.end(ending);
        }
    }
}

impl Drop for MarkPanic<'_> {
    fn drop(&mut self) {
        if thread::panicking()
            && !self.unwinding
            && let Some(track) = self.track.take()
        {
            track.end(Ending::Panicked);
        }
    }
}
