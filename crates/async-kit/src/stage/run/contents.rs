//! A table of contents holds what a chapter's `main` lists: its sections, and how each is run.

use std::{any, panic::Location};

use futures::future::BoxFuture;

/// Makes the future of a section. It is called for each run, and for a pure section also to find its
/// knobs: that future is polled only once.
pub(super) type Body =
    Box<dyn Fn() -> BoxFuture<'static, anyhow::Result<()>> + Send + Sync>;

/// The name of a chapter, what it claims, and its sections.
pub(super) struct Contents {
    pub(super) name: &'static str,
    pub(super) claim: &'static str,
    pub(super) speaks_http: bool,
    pub(super) sections: Vec<Section>,
    /// Where the chapter was made: its `main.rs`.
    #[cfg_attr(
        target_family = "wasm",
        expect(dead_code, reason = "there are no sources")
    )]
    pub(super) made_at: &'static Location<'static>,
}

/// One section of a chapter.
pub(super) struct Section {
    pub(super) name: &'static str,
    pub(super) claim: &'static str,
    pub(super) kind: Kind,
    pub(super) code: Code,
}

/// What a section needs from the machine.
pub(super) enum Kind {
    /// Time, tasks and channels only: it runs in virtual time and has an asyncio twin.
    Pure,
    /// Sockets, files, threads or processes: it runs in real time only. A separate function
    /// asks for its knobs, because the first poll may already change something.
    RealTime { knobs: Box<dyn Fn() + Send + Sync> },
}

/// The function of a section.
pub(super) struct Code {
    pub(super) body: Body,
    /// The type of its future, which names its module: `queues::bounded::run::{{closure}}`.
    #[cfg_attr(
        target_family = "wasm",
        expect(dead_code, reason = "there are no sources")
    )]
    pub(super) path: &'static str,
}

impl Section {
    pub(super) fn is_pure(&self) -> bool {
        matches!(self.kind, Kind::Pure)
    }
}

impl Code {
    /// Boxes a section's `run`, so that sections of many types fit one list.
    pub(super) fn new<F, Fut>(run: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        Self { body: Box::new(move || Box::pin(run())), path: any::type_name::<Fut>() }
    }
}
