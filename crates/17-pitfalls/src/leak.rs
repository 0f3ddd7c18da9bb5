//! An endless task that holds the owner of its own handle keeps both alive to the end of the runtime.
//!
//! asyncio: a session that nobody closes is reported when it is collected, and what a task refers
//! to is not collected while the loop has to wake the task. Tokio: dropping closes, so there is nothing to forget; what leaks is a cycle.
//! Here a session owns the task that keeps its connection alive, and the task refers to the
//! session: by an `Arc` it holds it, by a `Weak` it only finds it while others do.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering::Relaxed},
};

use async_kit::{Lane, Millis, knob, say};
use tokio::{task::JoinSet, time::sleep};

use crate::gauge::{Gauge, Inside};

/// Sessions are opened, used for 50 ms and forgotten; an open one pings every 60 ms.
pub(crate) async fn run() -> anyhow::Result<()> {
    let sessions = knob("sessions", 5, 1..=5_usize);
    let line = Line::default();
    for n in 1..=sessions {
        use_it(&wrong(&line, n)).await;
    }
    report("in a cycle", sessions, &line).await;

    let line = Line::default();
    for n in 1..=sessions {
        use_it(&right(&line, n)).await;
    }
    report("closed when done", sessions, &line).await;
    Ok(())
}

async fn report(way: &str, sessions: usize, line: &Line) {
    let (open, before) = (line.open.now(), line.pings.load(Relaxed));
    sleep(120.ms()).await;
    let pings = line.pings.load(Relaxed) - before;
    say!("{way}: {open} of {sessions} still open, {pings} pings since");
}

// ANCHOR: leak
struct Session {
    line: Line,
    /// Aborted when the session is dropped.
    tasks: Mutex<JoinSet<()>>,
    _open: Inside,
}

fn wrong(line: &Line, n: usize) -> Arc<Session> {
    let session = Session::open(line);
    let held = Arc::clone(&session);
    let pinging = async move {
        loop {
            sleep(60.ms()).step("open").await;
            held.ping();
        }
    };
    session.keep(pinging.lane(format!("wrong-{n}")));
    session
}

fn right(line: &Line, n: usize) -> Arc<Session> {
    let session = Session::open(line);
    let found = Arc::downgrade(&session);
    let pinging = async move {
        loop {
            sleep(60.ms()).step("open").await;
            let Some(session) = found.upgrade() else { return };
            session.ping();
        }
    };
    session.keep(pinging.lane(format!("right-{n}")));
    session
}
// ANCHOR_END: leak

impl Session {
    fn open(line: &Line) -> Arc<Self> {
        let (line, open) = (line.clone(), line.open.enter());
        Arc::new(Self { line, tasks: Mutex::default(), _open: open })
    }

    fn keep(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.lock().expect("nobody panics while spawning").spawn(task);
    }

    fn ping(&self) {
        self.line.pings.fetch_add(1, Relaxed);
    }
}

/// The other side, which sees what is open and what pings.
#[derive(Clone, Default)]
struct Line {
    open: Gauge,
    pings: Arc<AtomicUsize>,
}

async fn use_it(_session: &Session) {
    sleep(50.ms()).await;
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, stage::record::Ending, virtual_time};

    use super::*;

    #[test]
    fn held_by_its_own_task_no_session_closes_and_found_by_it_each_does() {
        let seen = virtual_time(Transcript::of(run()));
        seen.assert_lines([
            "[  0.370s] in a cycle: 5 of 5 still open, 10 pings since",
            "[  0.740s] closed when done: 0 of 5 still open, 0 pings since",
        ]);
        assert_eq!(seen.ending("wrong-1"), None, "{seen}");
        assert_eq!(seen.ending("right-1"), Some(Ending::Dropped), "{seen}");
    }

    #[test]
    fn a_session_pings_for_as_long_as_somebody_holds_it() {
        virtual_time(async {
            let line = Line::default();
            let session = right(&line, 1);
            sleep(190.ms()).await;
            assert_eq!(line.pings.load(Relaxed), 3);
            drop(session);
            assert_eq!(line.open.now(), 0, "dropping closes at once");
            sleep(190.ms()).await;
            assert_eq!(line.pings.load(Relaxed), 3);
        });
    }
}
