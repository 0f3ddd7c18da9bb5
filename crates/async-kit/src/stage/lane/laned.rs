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
/// It boxes its future. Tasks with the same output then have the same type, and the runtime is
/// compiled once for all of them: a chapter is built in half the time.
#[must_use = "a lane does nothing unless it is polled"]
pub struct Laned<'a, T> {
    // An `Option`, so that the future can be dropped while the lane is still current.
    future: Option<BoxFuture<'a, T>>,
    // The lane's name and where it was made, if it was made before its run began. The first poll
    // records them.
    unrecorded: Option<(String, &'static Location<'static>)>,
    track: Option<Track>,
    ending: fn(&T) -> Ending,
}

impl<'a, T> Laned<'a, T> {
    #[track_caller]
    pub(super) fn new(
        future: BoxFuture<'a, T>,
        name: String,
        ending: fn(&T) -> Ending,
    ) -> Self {
        let made_at = Location::caller();
        let (track, unrecorded) = match Recorder::current() {
            Some(recorder) => (Some(Track::new(recorder, name, made_at)), None),
            None => (None, Some((name, made_at))),
        };
        Self { future: Some(future), unrecorded, track, ending }
    }
}

impl<T> Future for Laned<'_, T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let this = self.get_mut();
        let future = this.future.as_mut();
        let future = future.expect("a lane is not polled again after it ended").as_mut();
        if let Some((name, made_at)) = this.unrecorded.take() {
            let recorder = Recorder::current();
            this.track = recorder.map(|recorder| Track::new(recorder, name, made_at));
        }
        let mark = MarkPanic::new(&mut this.track);
        let output = match mark.track {
            Some(track) => ready!(track.poll(future, cx)),
            None => ready!(future.poll(cx)),
        };
        this.future = None;
        mark.end((this.ending)(&output));
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
            track.record_missed_poll();
            let _lane = InLane::enter(&track.recorder, track.lane);
            self.future = None;
        }
        mark.end(ending);
    }
}

/// Ends the lane as panicked if a panic drops this guard, and if that panic began after the guard was
/// made.
struct MarkPanic<'a> {
    track: &'a mut Option<Track>,
    /// Whether the thread already unwound when the guard was made: a lane may be polled or dropped
    /// during a panic elsewhere.
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
