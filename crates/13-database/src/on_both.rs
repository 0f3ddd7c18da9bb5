//! Each test runs on SQLite, and on PostgreSQL too where `DATABASE_URL` names a server.

use std::{
    io::{Write, stderr},
    sync::Once,
};

use sqlx::any::AnyPoolOptions;

use crate::{
    database::{Database, with_place},
    place::{Kind, Place},
};

/// Runs a test with a pool of these limits, each time in an empty database of its own.
pub(crate) async fn on_both<F>(limits: AnyPoolOptions, test: F)
where
    F: AsyncFn(&mut Database) -> anyhow::Result<()>,
{
    let file = Place::file().expect("a temporary folder");
    for place in [Some(file), postgres()].into_iter().flatten() {
        let kind = place.kind();
        let tested = async |database: &mut Database| test(database).await;
        let tested = with_place(place, limits.clone(), tested).await;
        tested.unwrap_or_else(|error| panic!("on {kind}: {error:?}"));
    }
}

fn postgres() -> Option<Place> {
    static SAID: Once = Once::new();
    let chosen = Place::chosen().ok().filter(|place| place.kind() == Kind::Postgres);
    if chosen.is_some() {
        return chosen;
    }
    // Not `eprintln!`, which the test harness captures: a skip must be seen.
    SAID.call_once(|| {
        let skipped = "SKIPPED, no test of the database chapter ran on PostgreSQL";
        let why = "DATABASE_URL names no server, and `just postgres` starts one";
        let _ = writeln!(stderr(), "{skipped}: {why}");
    });
    None
}
