//! An endless task that holds the owner of its handle keeps both alive until the runtime ends.
//!
//! asyncio: an unclosed session is reported when it is collected, but an object that a task refers to
//! is not collected while the loop still has to wake the task. Tokio: dropping a session closes it,
//! but a reference cycle is never dropped. Here a session owns the task that keeps its connection
//! alive, and the task refers to the session. An `Arc` makes a cycle. A `Weak` does not, and it
//! can be upgraded while another owner of the session exists.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering::Relaxed},
};

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::{task::JoinSet, time::sleep};

use crate::gauge::{Gauge, InFlight};

/// Sessions are opened, used for 50 ms and dropped. An open session pings every 60 ms.
pub(crate) async fn run() -> anyhow::Result<()> {
    let sessions = knob("sessions", 5, 1..=5_usize);
    ask("sessions=2", "how many pings does each version send after use?");
    let server = Server::default();
    for n in 1..=sessions {
        use_for_50_ms(&wrong(&server, n)).await;
    }
    report("in a cycle", sessions, &server).await;

    let server = Server::default();
    for n in 1..=sessions {
        use_for_50_ms(&right(&server, n)).await;
    }
    report("closed after use", sessions, &server).await;
    Ok(())
}

async fn report(version: &str, sessions: usize, server: &Server) {
    let (open, before) = (server.open.now(), server.pings.load(Relaxed));
    sleep(120.ms()).await;
    let pings = server.pings.load(Relaxed) - before;
    say!("{version}: {open} of {sessions} sessions still open, then {pings} more pings");
}

// ANCHOR: leak
struct Session {
    server: Server,
    /// Aborted when the session is dropped.
    tasks: Mutex<JoinSet<()>>,
    _open: InFlight,
}

fn wrong(server: &Server, n: usize) -> Arc<Session> {
    let session = Session::open(server);
    let strong = Arc::clone(&session);
    let pinging = async move {
        loop {
            sleep(60.ms()).step("open").await;
            strong.ping();
        }
    };
    session.spawn(pinging.lane(format!("wrong-{n}")));
    session
}

fn right(server: &Server, n: usize) -> Arc<Session> {
    let session = Session::open(server);
    let weak = Arc::downgrade(&session);
    let pinging = async move {
        loop {
            sleep(60.ms()).step("open").await;
            let Some(session) = weak.upgrade() else { return };
            session.ping();
        }
    };
    session.spawn(pinging.lane(format!("right-{n}")));
    session
}
// ANCHOR_END: leak

impl Session {
    fn open(server: &Server) -> Arc<Self> {
        let (server, open) = (server.clone(), server.open.enter());
        Arc::new(Self { server, tasks: Mutex::default(), _open: open })
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.lock().expect("spawning does not panic").spawn(task);
    }

    fn ping(&self) {
        self.server.pings.fetch_add(1, Relaxed);
    }
}

/// Counts the open sessions and their pings.
#[derive(Clone, Default)]
struct Server {
    open: Gauge,
    pings: Arc<AtomicUsize>,
}

async fn use_for_50_ms(_session: &Session) {
    sleep(50.ms()).await;
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, stage::record::Ending, virtual_time};

    use super::*;

    #[test]
    fn a_session_closes_only_if_its_task_holds_a_weak_reference() {
        let seen = virtual_time(Transcript::of(run()));
        seen.assert_lines([
            "[  0.370s] in a cycle: 5 of 5 sessions still open, then 10 more pings",
            "[  0.740s] closed after use: 0 of 5 sessions still open, then 0 more pings",
        ]);
        assert_eq!(seen.ending("wrong-1"), None, "{seen}");
        assert_eq!(seen.ending("right-1"), Some(Ending::Dropped), "{seen}");
    }

    #[test]
    fn a_session_pings_until_its_last_owner_drops_it() {
        virtual_time(async {
            let server = Server::default();
            let session = right(&server, 1);
            sleep(190.ms()).await;
            assert_eq!(server.pings.load(Relaxed), 3);
            drop(session);
            assert_eq!(server.open.now(), 0, "the session is not closed");
            sleep(190.ms()).await;
            assert_eq!(server.pings.load(Relaxed), 3);
        });
    }
}
