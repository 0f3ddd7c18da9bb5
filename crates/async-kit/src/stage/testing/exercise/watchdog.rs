//! A run that outlasts every other limit ends the process: code that never yields cannot be stopped.

use std::{
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::Duration,
};

use crate::stage::last_resort;

/// How long a run in virtual time may take, in real time, and all runs of one
/// [`cancelled_everywhere`](super::cancelled_everywhere()) together. The stall detector reports nearly
/// every endless run within 32.2 s; on a busy machine it is late. In the unit tests of this crate it is
/// a second, which is less than the detector needs.
const VIRTUAL_TIME: Duration = Duration::from_secs(if cfg!(test) { 1 } else { 45 });

/// Ends the process if it is not dropped in time.
#[must_use = "it watches only until it is dropped"]
pub(super) struct Watchdog {
    /// When this is dropped, the thread ends.
    _running: mpsc::Sender<()>,
}

impl Watchdog {
    /// Prints the report after the limit, and ends the process with exit code 101.
    pub(super) fn start(limit: Duration, report: String) -> Self {
        let (running, ended) = mpsc::channel();
        thread::spawn(move || {
            if ended.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
                last_resort::print(&report);
                last_resort::end_process();
            }
        });
        Self { _running: running }
    }

    /// For a run whose stall detector may miss that it is endless.
    pub(super) fn of_virtual_time() -> Self {
        let seconds = VIRTUAL_TIME.as_secs();
        let report = format!(
            "\nENDLESS: the run has not ended after {seconds} s of real time.\n   \
             Which loop never ends? Are tasks made again and again?\n"
        );
        Self::start(VIRTUAL_TIME, report)
    }
}

/// Each test starts one of the ignored tests as a separate process, which the watchdog ends.
#[cfg(test)]
mod tests {
    use std::{env, process::Command};

    use tokio::time::sleep;

    use super::{
        super::{cancelled_everywhere, observe},
        *,
    };
    use crate::Millis;

    fn assert_is_ended(test: &str) {
        let (_, module) = module_path!().split_once("::").expect("a module of the crate");
        let ended = Command::new(env::current_exe().expect("the path of this test"))
            .args(["--ignored", "--exact", &format!("{module}::{test}")])
            .output()
            .expect("a second process of this test program");
        let text = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(101), "{test}: {ended:?}");
        assert!(text.contains("\nENDLESS: the run has not ended after 1 s"), "{text}");
    }

    #[test]
    fn an_endless_run_that_the_detector_misses_is_ended() {
        assert_is_ended("observed");
    }

    #[test]
    fn an_endless_run_is_ended_while_an_answer_is_cancelled_at_every_await() {
        assert_is_ended("cancelled");
    }

    /// Each second of the virtual clock takes a real one, so the clock does not race. It ends, so that a
    /// test without a watchdog fails.
    async fn computes_for_ten_seconds() {
        for _ in 0..1000 {
            sleep(10.ms()).await;
            thread::sleep(10.ms());
        }
    }

    #[test]
    #[ignore = "it takes too long: another test starts it"]
    fn observed() {
        observe(computes_for_ten_seconds());
    }

    #[test]
    #[ignore = "it takes too long: another test starts it"]
    fn cancelled() {
        // The answer never waits, so there are two runs.
        let setup = computes_for_ten_seconds;
        cancelled_everywhere(setup, async |()| (), async |()| Ok(()), "");
    }
}
