//! Each test runs on the embedded broker, and on PostgreSQL and NATS if the environment names a server.
//!
//! Used by the tests of the sections, and by `tests/`, which include this file by its path.
#![cfg(not(target_family = "wasm"))]
#![allow(dead_code, reason = "not every test program uses every function")]

use std::{
    env,
    io::{Write, stderr},
    sync::{Arc, Once},
    thread,
    time::Duration,
};

use async_kit::scope::{self, Release};
use distributed::{Broker, Embedded, Form, Location};
use tokio::time::timeout;

/// How long a test may take on one broker. Arbitrary: far longer than any test needs.
const LONGEST: Duration = Duration::from_secs(120);

/// Runs a test with an empty namespace of each broker: in memory, in a folder, and on both servers.
pub(crate) async fn on_all(test: impl AsyncFn(Arc<dyn Broker>)) {
    with_broker("memory", Embedded::in_memory(), &test).await;
    on_all_stored(async |location| {
        with_broker("store", open(location).await, &test).await;
    })
    .await;
}

/// Runs a test with an empty location of each broker that keeps what it stores: a folder, and both
/// servers.
pub(crate) async fn on_all_stored(test: impl AsyncFn(&Location)) {
    for location in locations() {
        let form = location.form();
        let report = ReportForm(form.to_string());
        let ended = timeout(LONGEST, with_location(location, &test)).await;
        assert!(ended.is_ok(), "on {form}: the test did not end within {LONGEST:?}");
        drop(report);
    }
}

/// Opens the broker of a location. Its last handle may have been dropped just before.
pub(crate) async fn open(location: &Location) -> Arc<dyn Broker> {
    location.open().await.unwrap_or_else(|error| panic!("{location:?}: {error}"))
}

/// The locations of this machine: a temporary folder, and one on each server that the environment names.
pub(crate) fn locations() -> Vec<Location> {
    let folder = Location::temporary().expect("a temporary folder");
    let postgres = on_server("DATABASE_URL", "postgres", Form::Postgres);
    let jetstream = on_server("NATS_URL", "jetstream", Form::JetStream);
    [Some(folder), postgres, jetstream].into_iter().flatten().collect()
}

fn on_server(variable: &str, form: &str, expected: Form) -> Option<Location> {
    if env::var_os(variable).is_none_or(|address| address.is_empty()) {
        skipped(variable, expected);
        return None;
    }
    let space = format!("test_{:016x}", fastrand::u64(..));
    let arguments = ["--form", form, "--space", &space].map(Into::into);
    let (location, _) = Location::parse(arguments).expect("a valid address, or none");
    assert_eq!(location.form(), expected);
    Some(location)
}

fn skipped(variable: &str, form: Form) {
    static POSTGRES: Once = Once::new();
    static JETSTREAM: Once = Once::new();
    let warned = if form == Form::Postgres { &POSTGRES } else { &JETSTREAM };
    // Not `eprintln!`: the test harness captures it, and a skipped test must be visible.
    warned.call_once(|| {
        let why =
            format!("{variable} names no server, and `just distributed` starts one");
        let _ =
            writeln!(stderr(), "SKIPPED, no test of this program ran on {form}: {why}");
    });
}

async fn with_broker(
    kept_in: &str,
    broker: Arc<dyn Broker>,
    test: &impl AsyncFn(Arc<dyn Broker>),
) {
    let _report = ReportForm(format!("{}, in its {kept_in}", broker.form()));
    let used = scope::with(Removed(broker), async |Removed(broker)| {
        test(Arc::clone(broker)).await;
    });
    assert!(timeout(LONGEST, used).await.is_ok(), "no end within {LONGEST:?}");
}

async fn with_location(location: Location, test: &impl AsyncFn(&Location)) {
    scope::with(RemovedLocation(location), async |RemovedLocation(location)| {
        test(location).await;
    })
    .await;
}

/// Removes the namespace, also if the test panics.
struct Removed(Arc<dyn Broker>);

impl Release for Removed {
    async fn release(self) {
        self.0.remove().await.expect("the namespace is removed");
    }
}

struct RemovedLocation(Location);

impl Release for RemovedLocation {
    async fn release(self) {
        // The folder of an embedded queue deletes itself.
        if self.0.form() != Form::Embedded {
            open(&self.0).await.remove().await.expect("the namespace is removed");
        }
    }
}

/// Prints on which broker a test panicked.
struct ReportForm(String);

impl Drop for ReportForm {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("the panic is from the run on {}", self.0);
        }
    }
}
