//! A lane belongs to one run, the one that polls it first, until it ends.

use std::{
    panic::Location,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use super::own_waker::OwnWaker;
use crate::stage::record::{Ending, InLane, LaneId, Recorder, What};

/// The recorder of the run to which a lane belongs, and the lane's id there.
pub(super) struct Track {
    pub(super) recorder: Recorder,
    pub(super) lane: LaneId,
    /// `None` before the first poll.
    waker: Option<Arc<OwnWaker>>,
}

impl Track {
    pub(super) fn new(
        recorder: Recorder,
        name: String,
        made_at: &'static Location<'static>,
    ) -> Self {
        let lane = recorder.made(name, Some(made_at.into()));
        Self { recorder, lane, waker: None }
    }

    pub(super) fn has_started(&self) -> bool {
        self.waker.is_some()
    }

    pub(super) fn end(self, ending: Ending) {
        self.recorder.happened(self.lane, What::Ended(ending));
    }

    /// Records, before the lane is dropped, that it was woken and has not been polled since then.
    pub(super) fn record_missed_poll(&self) {
        let woken = self.waker.as_ref().and_then(|waker| waker.unanswered());
        if let Some(since) = woken.and_then(|woken| woken.since) {
            self.recorder.polled_late(self.lane, since);
        }
    }

    fn start(&mut self) {
        if let Some(new_owner) =
            Recorder::current().filter(|new_owner| new_owner.run() != self.recorder.run())
        {
            self.lane = self.recorder.move_lane(self.lane, &new_owner);
            self.recorder = new_owner;
        }
        self.recorder.happened(self.lane, What::Started);
        self.waker = Some(Arc::default());
    }

    pub(super) fn poll<T>(
        &mut self,
        future: Pin<&mut (dyn Future<Output = T> + Send + '_)>,
        cx: &mut Context<'_>,
    ) -> Poll<T> {
        if self.waker.is_none() {
            self.start();
        }
        let _lane = InLane::enter(&self.recorder, self.lane);
        let Some(own) = self.waker.as_ref().filter(|_| self.recorder.records_wakes())
        else {
            return future.poll(cx);
        };
        if let Some(woken) = own.take(cx.waker()) {
            self.recorder.woke(self.lane, woken.since);
        }
        let waker = Waker::from(Arc::clone(own));
        let polled = future.poll(&mut Context::from_waker(&waker));
        own.polled();
        polled
    }
}
