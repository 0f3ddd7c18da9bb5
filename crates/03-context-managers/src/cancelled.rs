//! A cancelled future is dropped at its await, so a release after this await never runs.
//!
//! asyncio: a cancellation is an exception, so `finally` and `__aexit__` run and may await.
//! Tokio: there is no exception to catch. Only `Drop` runs, which is an ordinary function: it can
//! count, send or log, but it cannot await.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_kit::{
    Lane, Millis, ask, knob, say,
    scope::{self, Release},
};
use tokio::time::sleep;

/// Cancels two jobs during their work, and then prints how many sessions are still open.
pub(crate) async fn run() -> anyhow::Result<()> {
    let cancel_after = knob("cancel-after", 40.ms(), 1.ms()..=150.ms());
    ask("cancel-after=150ms", "how many sessions stay open?");
    cancel_both(cancel_after, Server::default()).await
}

// ANCHOR: cancelled
async fn cancel_both(cancel_after: Duration, server: Server) -> anyhow::Result<()> {
    let plain = tokio::spawn(release_after(server.open()).lane("plain job"));
    let scoped = tokio::spawn(release_with(server.open()).lane("scoped job"));
    sleep(cancel_after).await;
    plain.abort();
    scoped.abort();
    sleep(100.ms()).await;
    say!("sessions still open: {}", server.sessions());
    Ok(())
}

async fn release_after(mut session: Session) {
    session.work().await;
    session.release().await;
}

async fn release_with(session: Session) {
    scope::with(session, async |session| session.work().await).await;
}

impl Session {
    async fn work(&mut self) {
        say!("works");
        sleep(200.ms()).step("working").await;
        say!("has worked");
    }
}

impl Release for Session {
    async fn release(self) {
        let close = async {
            sleep(20.ms()).step("releasing").await;
            self.server.0.fetch_sub(1, Ordering::Relaxed);
            say!("has closed the session");
        };
        close.lane("release").await;
    }
}
// ANCHOR_END: cancelled

/// Counts its open sessions. Only `Session::release` closes a session.
#[derive(Clone, Default)]
struct Server(Arc<AtomicUsize>);

impl Server {
    fn open(&self) -> Session {
        self.0.fetch_add(1, Ordering::Relaxed);
        Session { server: self.clone() }
    }

    fn sessions(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

struct Session {
    server: Server,
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, cancel_at_every_await, virtual_time};

    use super::*;

    /// ```text
    ///             0      40  60
    /// plain job   ███████⊘
    /// scoped job  ███████⊘
    /// release            ████✓      releases the scope; the plain job's session stays open
    /// ```
    #[test]
    fn a_cancelled_job_closes_its_session_only_with_a_scope() {
        for cancel_after in [1, 40, 150] {
            let server = Server::default();
            let run = cancel_both(cancel_after.ms(), server.clone());
            let seen = virtual_time(Transcript::of(run));
            seen.assert_at((cancel_after + 20).ms(), "release has closed the session");
            assert_eq!(server.sessions(), 1, "{seen}");
        }
    }

    #[test]
    fn a_scope_that_is_cancelled_at_any_await_closes_its_session() {
        let cuts = cancel_at_every_await(
            async || Server::default(),
            async |server| release_with(server.open()).await,
            async |server, cut| assert_eq!(server.sessions(), 0, "{cut}"),
        );
        assert_eq!(cuts, 5);
    }
}
