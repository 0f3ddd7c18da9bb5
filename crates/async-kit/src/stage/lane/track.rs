//! A lane belongs to one run, the one that polls it first, until it ends.

use std::{
    panic::Location,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use super::own_waker::OwnWaker;
use crate::stage::record::{Ending, InLane, LaneId, Recorder, What};

/// What a lane of a run carries with it until it ends.
pub(super) struct Track {
    pub(super) recorder: Recorder,
    pub(super) lane: LaneId,
    pub(super) started: bool,
    waker: Arc<OwnWaker>,
}

impl Track {
    pub(super) fn new(
        recorder: Recorder,
        name: String,
        made_at: &'static Location<'static>,
    ) -> Self {
        let lane = recorder.made(name, made_at);
        Self { recorder, lane, started: false, waker: Arc::default() }
    }

    pub(super) fn end(self, ending: Ending) {
        self.recorder.happened(self.lane, What::Ended(ending));
    }

    pub(super) fn start(&mut self) {
        if self.started {
            return;
        }
        self.started = true;
        if let Some(heir) =
            Recorder::current().filter(|heir| heir.run() != self.recorder.run())
        {
            self.lane = self.recorder.hand_over(self.lane, &heir);
            self.recorder = heir;
        }
        self.recorder.happened(self.lane, What::Started);
    }

    pub(super) fn poll<T>(
        &self,
        future: Pin<&mut (dyn Future<Output = T> + Send + '_)>,
        cx: &mut Context<'_>,
    ) -> Poll<T> {
        let _lane = InLane::enter(&self.recorder, self.lane);
        if !self.recorder.is_watched() {
            return future.poll(cx);
        }
        if self.waker.take(cx.waker()) {
            self.recorder.woke(self.lane);
        }
        let waker = Waker::from(Arc::clone(&self.waker));
        future.poll(&mut Context::from_waker(&waker))
    }
}
