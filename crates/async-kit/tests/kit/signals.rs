//! `Signals` returns each signal that asks the process to end, and the process goes on.

use std::time::Duration;

use async_kit::Signals;
use futures::FutureExt;
use rustix::process::{Signal, getpid, kill_process};
use tokio::time::timeout;

fn send(signal: Signal) {
    kill_process(getpid(), signal).expect("a process may send itself a signal");
}

async fn next(signals: &mut Signals) -> &'static str {
    let next = timeout(Duration::from_secs(30), signals.next());
    next.await.expect("the signal is returned")
}

// One test, because each signal reaches every listener of the process.
#[tokio::test]
async fn each_signal_is_returned_by_name_and_a_cancelled_call_loses_none() {
    let mut signals = Signals::listen().expect("the system has both signals");
    for (signal, name) in [(Signal::TERM, "SIGTERM"), (Signal::INT, "Ctrl-C")] {
        assert_eq!(signals.next().now_or_never(), None);
        send(signal);
        assert_eq!(next(&mut signals).await, name);
        assert_eq!(signals.next().now_or_never(), None, "{name} came once");
    }
    // What one listener has received, every listener has.
    let mut other = Signals::listen().expect("the system has both signals");
    for signal in [Signal::INT, Signal::TERM, Signal::TERM] {
        send(signal);
        next(&mut other).await;
    }
    assert_eq!(next(&mut signals).await, "SIGTERM");
    assert_eq!(next(&mut signals).await, "Ctrl-C");
    assert_eq!(signals.next().now_or_never(), None, "SIGTERM is returned once");
    drop((signals, other));
    // Nothing listens, and still the process goes on.
    send(Signal::TERM);
    let mut signals = Signals::listen().expect("the system has both signals");
    send(Signal::TERM);
    assert_eq!(next(&mut signals).await, "SIGTERM");
}
