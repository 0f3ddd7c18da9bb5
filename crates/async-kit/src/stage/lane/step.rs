//! A step begins at its first poll inside a lane, and ends before the future's output is returned.

use std::{
    panic::Location,
    pin::Pin,
    task::{Context, Poll, ready},
};

use pin_project_lite::pin_project;

use crate::stage::record::{LaneId, Recorder, What, current_lane};

pin_project! {
    /// The future of [`Lane::step`](super::Lane::step).
    #[must_use = "a step does nothing unless it is polled"]
    pub struct Stepped<F> {
        // An `Option`, so that the future is dropped before its step ends.
        #[pin]
        future: Option<F>,
        label: String,
        made_at: &'static Location<'static>,
        open: Option<OpenStep>,
    }

    impl<F> PinnedDrop for Stepped<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            this.future.set(None);
            this.open.take();
        }
    }
}

/// A step that has begun; dropping it ends the step.
struct OpenStep {
    recorder: Recorder,
    lane: LaneId,
    id: u64,
}

impl OpenStep {
    fn begin(label: &str, made_at: &'static Location<'static>) -> Option<Self> {
        let lane = current_lane()?;
        let recorder = Recorder::current()?;
        let id = recorder.next_step();
        let what = What::StepIn(id, label.to_owned());
        recorder.happened_at(lane, what, Some(made_at.into()));
        Some(Self { recorder, lane, id })
    }
}

impl Drop for OpenStep {
    fn drop(&mut self) {
        self.recorder.happened(self.lane, What::StepOut(self.id));
    }
}

impl<F: Future> Future for Stepped<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        if this.open.is_none() {
            *this.open = OpenStep::begin(this.label, this.made_at);
        }
        let future = this.future.as_mut().as_pin_mut();
        let output =
            ready!(future.expect("a step is not polled again after it ended").poll(cx));
        this.future.set(None);
        this.open.take();
        Poll::Ready(output)
    }
}

impl<F> Stepped<F> {
    #[track_caller]
    pub(super) fn new(future: F, label: String) -> Self {
        Self { future: Some(future), label, made_at: Location::caller(), open: None }
    }
}
