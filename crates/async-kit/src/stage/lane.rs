//! A lane is a future that the timeline shows as a row of its own.

use std::{
    panic::Location,
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker, ready},
    thread,
};

use pin_project_lite::pin_project;

use super::record::{Ending, InLane, LaneId, Recorder, What, current_lane};

/// Puts futures on the timeline.
///
/// The nearest asyncio name is `create_task(…, name="…")`; Tokio's tasks have no names outside
/// `tokio_unstable`.
///
/// # Examples
///
/// ```
/// use async_kit::{Lane, Millis, Transcript, say, virtual_time};
/// use tokio::time::sleep;
///
/// virtual_time(async {
///     let job = async {
///         sleep(20.ms()).step("working").await;
///         say!("done");
///     };
///     let seen = Transcript::of(job.lane("job")).await;
///     assert_eq!(seen.to_string(), "[  0.020s] job done\n");
/// });
/// ```
pub trait Lane: Future + Sized {
    /// Gives this future a row of the timeline, and its name to every line it says.
    ///
    /// The row ends with ✓ when the future is ready, ✗ when it panics, ⊘ when it is dropped
    /// unfinished, ∅ when it is dropped without ever having been polled.
    ///
    /// # Cancel safety
    ///
    /// As cancel safe as the future itself. What the future says while it is dropped still
    /// belongs to the lane.
    #[track_caller]
    fn lane(self, name: impl Into<String>) -> Laned<Self> {
        Laned::new(self, name.into(), |_| Ending::Done)
    }

    /// Like [`lane`](Self::lane), and marks the row with ✗ when the future returns `Err`.
    ///
    /// # Cancel safety
    ///
    /// As [`lane`](Self::lane).
    #[track_caller]
    fn try_lane<T, E>(self, name: impl Into<String>) -> Laned<Self>
    where
        Self: Future<Output = Result<T, E>>,
    {
        Laned::new(self, name.into(), |result| match result {
            Ok(_) => Ending::Done,
            Err(_) => Ending::Failed,
        })
    }

    /// Draws this part of a lane solid, and counts how many lanes are in a step of this name at
    /// once. Outside any lane it does nothing.
    ///
    /// # Cancel safety
    ///
    /// As cancel safe as the future itself; dropping it ends the step.
    fn step(self, label: impl Into<String>) -> Stepped<Self> {
        Stepped { future: Some(self), label: label.into(), open: None }
    }
}

impl<F: Future> Lane for F {}

pin_project! {
    /// The future of [`Lane::lane`].
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
            let Some(track) = this.track.take() else { return };
            {
                let _lane = InLane::enter(&track.recorder, track.lane);
                this.future.set(None);
            }
            let ending = if track.started { Ending::Dropped } else { Ending::NeverPolled };
            track.end(ending);
        }
    }
}

/// What a lane of a run carries with it until it ends.
struct Track {
    recorder: Recorder,
    lane: LaneId,
    started: bool,
    waker: Arc<OwnWaker>,
}

impl Track {
    fn new(
        recorder: Recorder,
        name: String,
        made_at: &'static Location<'static>,
    ) -> Self {
        let lane = recorder.made(name, made_at);
        Self { recorder, lane, started: false, waker: Arc::default() }
    }

    fn end(self, ending: Ending) {
        self.recorder.happened(self.lane, What::Ended(ending));
    }

    fn start(&mut self) {
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

    fn poll<F: Future>(
        &self,
        future: Pin<&mut F>,
        cx: &mut Context<'_>,
    ) -> Poll<F::Output> {
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

impl<F: Future> Laned<F> {
    #[track_caller]
    fn new(future: F, name: String, judge: fn(&F::Output) -> Ending) -> Self {
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
        let mark = MarkPanic(this.track);
        let output = match mark.0 {
            Some(track) => {
                track.start();
                ready!(track.poll(future, cx))
            }
            None => ready!(future.poll(cx)),
        };
        let track = mark.0.take();
        drop(mark);
        this.future.set(None);
        if let Some(track) = track {
            track.end((this.judge)(&output));
        }
        Poll::Ready(output)
    }
}

/// Ends the lane as panicked if it is dropped by unwinding.
struct MarkPanic<'a>(&'a mut Option<Track>);

impl Drop for MarkPanic<'_> {
    fn drop(&mut self) {
        if thread::panicking()
            && let Some(track) = self.0.take()
        {
            track.end(Ending::Panicked);
        }
    }
}

/// Tells a lane's own wake from a poll for a sibling's sake: `join!` polls all its futures
/// whenever one of them was woken.
struct OwnWaker {
    woken: AtomicBool,
    task: Mutex<Waker>,
}

impl Default for OwnWaker {
    fn default() -> Self {
        // The first poll counts as the lane's own.
        Self { woken: AtomicBool::new(true), task: Mutex::new(Waker::noop().clone()) }
    }
}

impl OwnWaker {
    /// Whether it was woken since the last call; from now on it wakes `task`.
    fn take(&self, task: &Waker) -> bool {
        self.task.lock().unwrap_or_else(PoisonError::into_inner).clone_from(task);
        self.woken.swap(false, Ordering::AcqRel)
    }
}

impl Wake for OwnWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.woken.store(true, Ordering::Release);
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner).clone();
        // Outside the lock: a waker may run anything, this lane's poll included.
        task.wake();
    }
}

pin_project! {
    /// The future of [`Lane::step`].
    #[must_use = "a step does nothing unless it is polled"]
    pub struct Stepped<F> {
        // An `Option`, so that the future is dropped before its step ends.
        #[pin]
        future: Option<F>,
        label: String,
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
    fn begin(label: &str) -> Option<Self> {
        let lane = current_lane()?;
        let recorder = Recorder::current()?;
        let id = recorder.next_step();
        recorder.happened(lane, What::StepIn(id, label.to_owned()));
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
            *this.open = OpenStep::begin(this.label);
        }
        let future = this.future.as_mut().as_pin_mut();
        let output = ready!(future.expect("a step is not polled again").poll(cx));
        this.future.set(None);
        this.open.take();
        Poll::Ready(output)
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        join,
        task::yield_now,
        time::{sleep, timeout},
    };

    use super::{super::virtual_time::run, *};
    use crate::{Millis, Transcript, say, virtual_time};

    #[test]
    fn a_lane_ends_as_its_future_does() {
        let seen = virtual_time(Transcript::of(async {
            async {}.lane("done").await;
            let failed = async { Err::<(), _>("no") };
            assert_eq!(failed.try_lane("failed").await, Err("no"));
            let panicked = async { panic!("on purpose") };
            assert!(tokio::spawn(panicked.lane("panicked")).await.is_err());
            assert!(timeout(1.ms(), sleep(2.ms()).lane("dropped")).await.is_err());
            drop(sleep(2.ms()).lane("never polled"));
        }));
        let endings = ["done", "failed", "panicked", "dropped", "never polled"]
            .map(|lane| seen.ending(lane).expect(lane));
        let expected = [
            Ending::Done,
            Ending::Failed,
            Ending::Panicked,
            Ending::Dropped,
            Ending::NeverPolled,
        ];
        assert_eq!(endings, expected);
    }

    #[test]
    fn what_a_future_says_while_it_is_dropped_belongs_to_its_lane() {
        struct Sighs;
        impl Drop for Sighs {
            fn drop(&mut self) {
                say!("oh");
            }
        }
        let seen = virtual_time(Transcript::of(async {
            let sighs = Sighs;
            let job = async move {
                sleep(2.ms()).await;
                drop(sighs);
            };
            assert!(timeout(1.ms(), job.lane("job")).await.is_err());
        }));
        seen.assert_lines(["[  0.001s] job oh"]);
    }

    #[test]
    fn a_lane_made_before_its_run_belongs_to_the_run_that_polls_it() {
        let outside = async { say!("from outside") }.lane("early");
        let seen = virtual_time(async {
            let inside = async {
                yield_now().await;
                say!("from inside");
            };
            Transcript::of(async {
                join!(inside.lane("late"), outside);
            })
            .await
        });
        seen.assert_lines([
            "[  0.000s] early from outside",
            "[  0.000s] late from inside",
        ]);
    }

    #[test]
    fn a_poll_for_a_sibling_is_not_a_wake() {
        let recorder = Recorder::silent();
        let polls = async {
            let never = std::future::pending::<()>().lane("never");
            let _ = timeout(100.ms(), async { join!(never, sleep(40.ms())) }).await;
        };
        // Seen from within, at the end: the lane was polled again at 40 ms, for its sibling.
        let watch = recorder.clone();
        let since = run(&recorder, async move {
            let watching = async {
                sleep(50.ms()).await;
                watch.unfinished()[0].since
            };
            join!(polls, watching).1
        });
        assert_eq!(since.unwrap(), Some(0.ms()));
    }
}
