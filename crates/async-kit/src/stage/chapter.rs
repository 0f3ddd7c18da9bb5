//! A chapter is a list of sections, each run by its name.

use futures::future::BoxFuture;

use super::{record::Recorder, runner};

/// The setting in which `--url` travels; no knob can have this name.
pub(super) const URL: &str = "--url";

/// What runs a section: called once for each run of it.
pub type Body = Box<dyn Fn() -> BoxFuture<'static, anyhow::Result<()>> + Send + Sync>;

/// A chapter: its `main` is its table of contents.
///
/// # Examples
///
/// ```
/// use async_kit::{Chapter, say};
///
/// async fn hello() -> anyhow::Result<()> {
///     say!("hello");
///     Ok(())
/// }
///
/// fn main() -> anyhow::Result<()> {
///     Chapter::new("greetings", "say hello").section("hello", "it greets", hello).main()
/// }
/// ```
#[must_use = "a chapter does nothing until `main` is called"]
pub struct Chapter {
    pub(super) name: &'static str,
    pub(super) claim: &'static str,
    pub(super) speaks_http: bool,
    pub(super) sections: Vec<Section>,
}

/// One section of a chapter.
pub(super) struct Section {
    pub(super) name: &'static str,
    pub(super) claim: &'static str,
    pub(super) kind: Kind,
    pub(super) body: Body,
}

/// What a section needs of the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Time, tasks and channels only: it runs in virtual time and has an asyncio twin.
    Pure,
    /// Sockets, files, threads or processes: it runs in real time only.
    RealTime,
}

impl Chapter {
    /// An empty chapter. `name` is the name of its package, `claim` says what a reader learns.
    pub fn new(name: &'static str, claim: &'static str) -> Self {
        Self { name, claim, speaks_http: false, sections: Vec::new() }
    }

    /// Adds a pure section: it uses time, tasks and channels only, so that it runs in virtual
    /// time too, and `asyncio/NAME.py` is the same program in Python.
    pub fn section<F, Fut>(self, name: &'static str, claim: &'static str, run: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        self.with(name, claim, Kind::Pure, body(run))
    }

    /// Adds a section that needs sockets, files, threads, processes or a panic, and so runs in
    /// real time only. Write [`native!(run)`](crate::native) for `run`: where the target has
    /// none of these, the section is left out.
    pub fn real_time(
        self,
        name: &'static str,
        claim: &'static str,
        run: Option<Body>,
    ) -> Self {
        match run {
            Some(run) => self.with(name, claim, Kind::RealTime, run),
            None => self,
        }
    }

    /// Lets the chapter take `--url BASE`, which [`url`] hands to its sections.
    pub fn speaks_http(self) -> Self {
        Self { speaks_http: true, ..self }
    }

    /// Reads the command line and runs what it asks for.
    ///
    /// # Errors
    ///
    /// None that reach the caller: a wrong command line ends the process with exit code 2, a
    /// failed section with 1 after the others have run, Ctrl-C with 130.
    pub fn main(self) -> anyhow::Result<()> {
        match runner::main(&self, std::env::args_os().skip(1)) {
            0 => Ok(()),
            code => std::process::exit(code),
        }
    }

    fn with(
        mut self,
        name: &'static str,
        claim: &'static str,
        kind: Kind,
        body: Body,
    ) -> Self {
        let known = self.sections.iter().any(|section| section.name == name);
        assert!(!known, "two sections of {} are named {name}", self.name);
        self.sections.push(Section { name, claim, kind, body });
        self
    }
}

/// Boxes a section's `run`, so that sections of many types fit one list.
pub fn body<F, Fut>(run: F) -> Body
where
    F: Fn() -> Fut + Send + Sync + 'static,
    Fut: Future<Output = anyhow::Result<()>> + Send + 'static,
{
    Box::new(move || Box::pin(run()))
}

/// The base address given with `--url`, for a section that speaks HTTP.
///
/// # Examples
///
/// ```
/// assert_eq!(async_kit::stage::chapter::url(), None, "outside any run");
/// ```
pub fn url() -> Option<String> {
    Recorder::current()?.setting(URL).map(str::to_owned)
}

/// A section's `run` where the target has sockets, files, threads and processes, else nothing.
#[macro_export]
macro_rules! native {
    ($($run:tt)+) => {{
        #[cfg(not(target_family = "wasm"))]
        let run = ::core::option::Option::Some($crate::stage::chapter::body($($run)+));
        #[cfg(target_family = "wasm")]
        let run = ::core::option::Option::None;
        run
    }};
}
