//! Each section's tests run on SQLite, and also on PostgreSQL if `DATABASE_URL` names a server.
#![cfg(all(test, not(target_family = "wasm")))]

use std::{
    io::{Write, stderr},
    sync::Once,
};

use sqlx::any::AnyPoolOptions;

use crate::{
    database::{Database, with_location},
    location::{Kind, Location},
};

/// Runs a test on each database, each time with an empty database and a pool of these limits.
pub(crate) async fn on_both<F>(limits: AnyPoolOptions, test: F)
where
    F: AsyncFn(&mut Database) -> anyhow::Result<()>,
{
    let file = Location::file().expect("a temporary folder");
    for location in [Some(file), postgres()].into_iter().flatten() {
        let kind = location.kind();
        let tested = async |database: &mut Database| test(database).await;
        let tested = with_location(location, limits.clone(), tested).await;
        tested.unwrap_or_else(|error| panic!("on {kind}: {error:?}"));
    }
}

fn postgres() -> Option<Location> {
    static WARNED: Once = Once::new();
    let configured = Location::from_env().expect("a valid DATABASE_URL, or none");
    if configured.kind() == Kind::Postgres {
        return Some(configured);
    }
    // Not `eprintln!`: the test harness captures it, and a skipped test must be visible.
    WARNED.call_once(|| {
        let skipped = "SKIPPED, no test of the database chapter ran on PostgreSQL";
        let why = "DATABASE_URL names no server, and `just postgres` starts one";
        let _ = writeln!(stderr(), "{skipped}: {why}");
    });
    None
}
