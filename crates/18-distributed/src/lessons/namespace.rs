//! Every section works in a namespace of its own, and removes it at the end, also after an error.
#![cfg(not(target_family = "wasm"))]

use std::sync::Arc;

use async_kit::{
    say,
    scope::{self, Release},
};
use distributed::{Broker, Form, Location};

/// A namespace that this process has opened.
pub(crate) struct Opened {
    pub(crate) broker: Arc<dyn Broker>,
}

/// A namespace that the children open. Only one process at a time can open the embedded queue, so the
/// section must close what it opens before it starts a child.
pub(crate) struct Namespace {
    pub(crate) location: Location,
}

/// Calls `body` with an empty namespace of the broker that the environment names.
pub(crate) async fn with_broker<F>(body: F) -> anyhow::Result<()>
where
    F: AsyncFnOnce(&mut Opened) -> anyhow::Result<()>,
{
    let location = Location::from_env()?;
    let broker = location.open().await?;
    announce(broker.form());
    scope::with(Opened { broker }, body).await
}

/// Calls `body` with an empty namespace of the broker that the environment names.
pub(crate) async fn with_children<F>(body: F) -> anyhow::Result<()>
where
    F: AsyncFnOnce(&mut Namespace) -> anyhow::Result<()>,
{
    let location = Location::from_env()?;
    // If there is no server, the error comes from here, and not from a child.
    announce(location.open().await?.form());
    scope::with(Namespace { location }, body).await
}

fn announce(form: Form) {
    match form {
        Form::Embedded => {
            say!("on {form}; NATS_URL or DATABASE_URL would name a server");
        }
        Form::Postgres | Form::JetStream => say!("on {form}"),
    }
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
