//! What the three forms of a queue cost: each row of a table is measured in the same run as the others.
//!
//! `just bench-distributed` starts both servers, and measures jobs, acknowledgements and crawled pages. The
//! candidates of a table alternate, and it shows medians. Workers are processes of this program; the
//! embedded queue belongs to one process, so its workers are tasks. A form without a server is left out.

mod acks;
mod jobs;
mod pages;
mod plain;
mod process;
mod rounds;
mod store;

use std::{env, time::Duration};

use anyhow::{Context, bail};
use async_kit::TimeLimit;
use tokio::runtime::Builder;

use crate::rounds::Scale;

/// How long a child may live, from its start to its end. Arbitrary: many times what a round takes.
const LONGEST: Duration = Duration::from_secs(180);

fn main() -> anyhow::Result<()> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match &arguments[..] {
        [role, rest @ ..] if process::ROLES.contains(role) => child(role, rest),
        // `cargo bench` passes `--bench`. Without it, this only checks that each row runs.
        all if all.contains(&"--bench") => tables(all, &rounds::MEASURE),
        all => tables(all, &rounds::CHECK),
    }
}

/// Prints each table whose name contains an argument, or all of them. `cargo test` passes the names of
/// tests, and then none is printed.
fn tables(arguments: &[&str], scale: &Scale) -> anyhow::Result<()> {
    let filters: Vec<_> = arguments.iter().filter(|it| !it.starts_with('-')).collect();
    for (name, print) in TABLES {
        if filters.is_empty() || filters.iter().any(|filter| name.contains(*filter)) {
            print(scale)?;
        }
    }
    Ok(())
}

type Table = fn(&Scale) -> anyhow::Result<()>;

const TABLES: [(&str, Table); 3] =
    [("jobs", jobs::table), ("acks", acks::table), ("pages", pages::table)];

fn child(role: &str, arguments: &[&str]) -> anyhow::Result<()> {
    let mut runtime = match role {
        // The crawler parses on several threads.
        process::CRAWL | process::PLAIN_CRAWL => Builder::new_multi_thread(),
        _ => Builder::new_current_thread(),
    };
    let ended = runtime.enable_all().build()?.block_on(async {
        let played = async {
            match role {
                process::JOBS => jobs::child(arguments).await,
                process::CRAWL => pages::child(arguments).await,
                process::PLAIN_CRAWL => pages::plain_child(arguments).await,
                _ => bail!("there is no role {role}"),
            }
        };
        played.within(LONGEST).await
    });
    ended.with_context(|| format!("{role} has not ended after {LONGEST:?}"))?
}
