//! A lane ends exactly once: done, failed, panicked, dropped, or never polled.

use std::{
    panic::Location,
    pin::Pin,
    task::{Context, Poll, ready},
    thread,
};

use pin_project_lite::pin_project;

use super::track::Track;
use crate::stage::record::{Ending, InLane, Recorder};

pin_project! {
    /// The future of [`Lane::lane`](super::Lane::lane).
    #[must_use = "a lane does nothing unless it is polled"]
    pub struct Laned<F: Future> {
        // An `Option`, so that the future can be dropped while the lane is still current.
        #[pin]
        future: Option<F>,
        // The name, for a run that begins only after the lane was made.
        unclaimed: Option<(String, &'static Location<'static>)>,
        track: Option<Track>,
        judge: fn(&F::Output) -> Ending,
    }

    impl<F: Future> PinnedDrop for Laned<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            let mark = MarkPanic::new(this.track);
            let Some(track) = mark.track else { return };
            let ending = if track.started { Ending::Dropped } else { Ending::NeverPolled };
            {
                let _lane = InLane::enter(&track.recorder, track.lane);
                this.future.set(None);
            }
            mark.end(ending);
        }
    }
}

impl<F: Future> Laned<F> {
    #[track_caller]
    pub(super) fn new(future: F, name: String, judge: fn(&F::Output) -> Ending) -> Self {
        let made_at = Location::caller();
        let (track, unclaimed) = match Recorder::current() {
            Some(recorder) => (Some(Track::new(recorder, name, made_at)), None),
            None => (None, Some((name, made_at))),
        };
        Self { future: Some(future), unclaimed, track, judge }
    }
}

impl<F: Future> Future for Laned<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        let future = this.future.as_mut().as_pin_mut();
        let future = future.expect("a lane is not polled again after it ended");
        if let Some((name, made_at)) = this.unclaimed.take() {
            let recorder = Recorder::current();
            *this.track = recorder.map(|recorder| Track::new(recorder, name, made_at));
        }
        let mark = MarkPanic::new(this.track);
        let output = match mark.track {
            Some(track) => {
                track.start();
                ready!(track.poll(future, cx))
            }
            None => ready!(future.poll(cx)),
        };
        this.future.set(None);
        mark.end((this.judge)(&output));
        Poll::Ready(output)
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
