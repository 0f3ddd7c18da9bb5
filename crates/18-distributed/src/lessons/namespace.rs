//! Every section works in a namespace of its own, and removes it at the end, also after an error.
#![cfg(not(target_family = "wasm"))]

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use async_kit::{
    say,
    scope::{self, Release},
};
use distributed::{Broker, Effects, Form, Location};
use tempfile::TempDir;

/// Arbitrary: longer than one section needs, and shorter than a reader needs to start the server.
const RECENT: Duration = Duration::from_secs(5);

/// A namespace that this process has opened.
pub(crate) struct Opened {
    pub(crate) broker: Arc<dyn Broker>,
}

/// A namespace that the children open. Only one process at a time can open the embedded queue, so the
/// section must close what it opens before it starts a child.
pub(crate) struct Namespace {
    pub(crate) location: Location,
}

/// A folder for the file of [`Effects`], which is deleted when this is dropped.
pub(crate) fn effects_folder() -> anyhow::Result<TempDir> {
    tempfile::tempdir().context("cannot create a temporary folder")
}

/// Opens the effects.
pub(crate) async fn open_effects(
    location: &Location,
    file: &Path,
) -> anyhow::Result<Effects> {
    let opened = Effects::open(location, file).await;
    opened.with_context(|| match location {
        Location::Postgres { .. } => "cannot open the tables of the effects".to_owned(),
        _ => format!("cannot open {}", file.display()),
    })
}

/// Calls `body` with an empty namespace of the broker that the environment names.
pub(crate) async fn with_broker<F>(body: F) -> anyhow::Result<()>
where
    F: AsyncFnOnce(&mut Opened) -> anyhow::Result<()>,
{
    let location = Location::from_env()?;
    let broker = open(&location).await?;
    scope::with(Opened { broker }, body).await
}

/// Calls `body` with an empty namespace of the broker that the environment names.
pub(crate) async fn with_children<F>(body: F) -> anyhow::Result<()>
where
    F: AsyncFnOnce(&mut Namespace) -> anyhow::Result<()>,
{
    let location = Location::from_env()?;
    // If there is no server, the error comes from here, and not from a child.
    drop(open(&location).await?);
    scope::with(Namespace { location }, body).await
}

/// Opens it, and prints on what the section runs. If there was no server just before, in another section,
/// this one does not wait for it again.
async fn open(location: &Location) -> anyhow::Result<Arc<dyn Broker>> {
    static FAILED: Mutex<Option<(Instant, String)>> = Mutex::new(None);
    let failed = FAILED.lock().unwrap_or_else(PoisonError::into_inner).clone();
    if let Some((_, why)) = failed.filter(|(at, _)| at.elapsed() < RECENT) {
        bail!("{why}");
    }
    let opened = location.open().await.inspect_err(|error| {
        let failed = Some((Instant::now(), error.to_string()));
        *FAILED.lock().unwrap_or_else(PoisonError::into_inner) = failed;
    });
    let broker = opened?;
    match broker.form() {
        form @ Form::Embedded => {
            say!("on {form}: neither NATS_URL nor DATABASE_URL names a server");
        }
        form => say!("on {form}"),
    }
    Ok(broker)
}

impl Release for Opened {
    async fn release(self) {
        // If the server is gone, there is nothing left to remove.
        let _ = self.broker.remove().await;
    }
}

impl Release for Namespace {
    async fn release(self) {
        if let Ok(broker) = self.location.open().await {
            let _ = broker.remove().await;
        }
    }
}
