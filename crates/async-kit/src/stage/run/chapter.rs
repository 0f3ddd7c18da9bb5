//! A chapter is a list of sections, each run by its name.

use std::{any, panic::Location};

use super::{
    contents::{Code, Contents, Kind, Section},
    runner,
};
use crate::stage::record::Recorder;

/// A chapter: its `main` is its table of contents.
///
/// Corresponds to a script with `asyncio.run` for each example. Tokio's nearest is
/// `#[tokio::main]`, which reads no command line, and polls the program before the tasks that it
/// spawned. A chapter spawns each section on a separate runtime, on the clock that the reader chose.
/// It prints the lines that the section says, and draws the timeline.
///
/// # At the prompt
///
/// If standard input and output are a terminal and no section is named, a chapter is a walk: after
/// each section it waits at a prompt.
///
/// | typed at the prompt | what happens |
/// |---|---|
/// | Enter | the next section runs |
/// | `r` | the section runs again |
/// | `capacity=1` | sets a [`knob`](crate::knob()) of the section, which runs again; several are separated by spaces |
/// | `bounded` | the section of this name runs |
/// | `l` | lists the sections and their knobs |
/// | `?` | explains the marks of a timeline |
/// | `q`, Ctrl-D | the walk ends |
///
/// # On the command line
///
/// | typed after `cargo run -p NAME --` | what happens |
/// |---|---|
/// | nothing | every section runs, in order, in real time; in a terminal with a prompt after each |
/// | `bounded priority` | only these run, in this order |
/// | `--all` | every section runs without a prompt |
/// | `--list` | the sections and their knobs; with `--plain` separated by tabs |
/// | `--fast` | virtual time; sections that need real time are left out, with a note |
/// | `--threads N` | a runtime of 1 to 256 threads; not together with `--fast` |
/// | `--set KNOB=VALUE` | sets a [`knob`](crate::knob()); if one is set twice, the last value is used |
/// | `--timeline WHEN` | `always`, `never`, or `auto`: on a terminal without `--plain` |
/// | `--svg DIR`, `--trace FILE` | pictures: one per section, or all in one Chrome trace |
/// | `--record FILE` | everything that was recorded of the runs, as JSON: see [`record_file`](crate::stage::record_file) |
/// | `--plain` | lines `[  0.500s] lane text` and nothing else, as in a pipe; no prompt |
/// | `--url BASE` | only if it [`speaks_http`](Self::speaks_http) |
///
/// # Below a timeline
///
/// A chapter prints the paths of the section's source file, its page of the book and its asyncio
/// twin, if they exist, and the question that the section [`ask`](crate::ask())s.
///
/// Colour and width are those of the terminal; `NO_COLOR` is honoured.
///
/// # Exit codes
///
/// - 0: everything ran. Also if the reader closes the pipe: that ends the run, unless it still has
///   files to write.
/// - 1: a section failed, or something could not be written. The other sections still run.
/// - 2: the command line is wrong. Nothing runs.
/// - 130: Ctrl-C. The first one cancels the section and waits for its releases. A second one ends
///   the process immediately. With `--fast` no section is cancelled: the first Ctrl-C ends the
///   process immediately, or, if there is a prompt, after the current section.
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
pub struct Chapter(Contents);

/// The `run` of a section, and the function that asks for its knobs. [`native!`](crate::native) makes
/// it.
pub struct Native {
    code: Code,
    knobs: Box<dyn Fn() + Send + Sync>,
}

impl Native {
    /// A section without knobs.
    pub fn new<F, Fut>(run: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        Self { code: Code::new(run), knobs: Box::new(|| {}) }
    }

    /// A section whose `run` takes the values that `knobs` returns.
    pub fn with_knobs<K, Fut>(knobs: fn() -> K, run: fn(K) -> Fut) -> Self
    where
        K: 'static,
        Fut: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        let code = Code::new(move || async move { run(knobs()).await });
        // The type of the block above would name this file, and not that of the section.
        let code = Code { path: any::type_name::<Fut>(), ..code };
        Self { code, knobs: Box::new(move || drop(knobs())) }
    }
}

impl Chapter {
    /// An empty chapter. `name` is the name of its package, `claim` is what a reader learns.
    #[track_caller]
    pub fn new(name: &'static str, claim: &'static str) -> Self {
        let made_at = Location::caller();
        let sections = Vec::new();
        Self(Contents { name, claim, speaks_http: false, sections, made_at })
    }

    /// Adds a pure section: it uses time, tasks and channels only, so that it runs in virtual
    /// time too. `asyncio/NAME.py` is the same program in Python.
    ///
    /// # Panics
    ///
    /// If the chapter has a section of this name already. If the name does not begin with a
    /// lower-case letter, or has other characters than lower-case letters, digits, `-` and `_`: it
    /// is typed on a command line, and names files.
    pub fn section<F, Fut>(self, name: &'static str, claim: &'static str, run: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        self.with(name, claim, Kind::Pure, Code::new(run))
    }

    /// Adds a section that needs sockets, files, threads, processes or a panic, and so runs in
    /// real time only.
    ///
    /// # How to pass `run`
    ///
    /// - Without knobs: [`native!(run)`](crate::native). On a target without sockets, files, threads
    ///   and processes the section is left out.
    /// - With knobs: `native!(knobs => run)`. The chapter calls `knobs` before anything runs. It does
    ///   not poll `run` to find the knobs, because the first poll may already change something.
    ///
    /// # Panics
    ///
    /// As [`section`](Self::section) does.
    pub fn real_time(
        self,
        name: &'static str,
        claim: &'static str,
        run: Option<Native>,
    ) -> Self {
        match run {
            Some(Native { code, knobs }) => {
                self.with(name, claim, Kind::RealTime { knobs }, code)
            }
            None => self,
        }
    }

    /// Accepts `--url BASE`, which its sections read with [`url`].
    ///
    /// # Examples
    ///
    /// ```
    /// use async_kit::{Chapter, native, say, stage::chapter::url};
    ///
    /// async fn fetch() -> anyhow::Result<()> {
    ///     let base = url().unwrap_or_else(|| "http://127.0.0.1:8080".to_owned());
    ///     say!("requests {base}/json");
    ///     Ok(())
    /// }
    ///
    /// let chapter = Chapter::new("client", "send requests").speaks_http();
    /// let chapter = chapter.real_time("fetch", "it sends a request", native!(fetch));
    /// # drop(chapter);
    /// ```
    pub fn speaks_http(mut self) -> Self {
        self.0.speaks_http = true;
        self
    }

    /// Reads the command line and runs what it asks for.
    ///
    /// # Errors
    ///
    /// Never returns an error. After a failure it ends the process: with exit code 2 if the command
    /// line is wrong, with 1 if a section failed, after the others have run, with 130 after Ctrl-C.
    pub fn main(self) -> anyhow::Result<()> {
        match runner::main(&self.0, std::env::args_os().skip(1)) {
            0 => Ok(()),
            code => std::process::exit(code),
        }
    }

    fn with(
        mut self,
        name: &'static str,
        claim: &'static str,
        kind: Kind,
        code: Code,
    ) -> Self {
        let is_taken = self.0.sections.iter().any(|section| section.name == name);
        assert!(!is_taken, "two sections of {} are named {name}", self.0.name);
        let is_allowed = |c| matches!(c, 'a'..='z' | '0'..='9' | '-' | '_');
        let is_valid = name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.chars().all(is_allowed);
        assert!(
            is_valid,
            "{name:?} is not a section name: lower-case letters, digits, - and _"
        );
        self.0.sections.push(Section { name, claim, kind, code });
        self
    }
}

/// The base address given with `--url`, for a section that speaks HTTP. It begins with
/// `http://` or `https://` and does not end with `/`.
///
/// # Examples
///
/// ```
/// assert_eq!(async_kit::stage::chapter::url(), None, "outside any run");
/// ```
pub fn url() -> Option<String> {
    Recorder::current()?.settings().url.clone()
}

/// A section's `run` if the target has sockets, files, threads and processes, otherwise `None`.
///
/// On WebAssembly the macro does not use the function, so it may be left out of the build.
///
/// # Examples
///
/// ```
/// use async_kit::{Chapter, native};
///
/// async fn read() -> anyhow::Result<()> {
///     std::fs::read("/etc/hostname")?;
///     Ok(())
/// }
///
/// let chapter = Chapter::new("files", "read and write");
/// let chapter = chapter.real_time("read", "it reads a file", native!(read));
/// # drop(chapter);
/// ```
///
/// If a section has knobs, one function asks for them, and `run` takes what that returns:
///
/// ```
/// use async_kit::{Chapter, knob, native, say};
///
/// fn knobs() -> usize {
///     knob("lines", 3, 1..=10)
/// }
///
/// async fn read(lines: usize) -> anyhow::Result<()> {
///     say!("reads {lines} lines");
///     Ok(())
/// }
///
/// let chapter = Chapter::new("files", "read and write");
/// let chapter = chapter.real_time("read", "it reads a file", native!(knobs => read));
/// # drop(chapter);
/// ```
#[macro_export]
macro_rules! native {
    ($knobs:path => $run:path) => {
        $crate::native!(@ $crate::stage::chapter::Native::with_knobs($knobs, $run))
    };
    (@ $native:expr) => {{
        #[cfg(not(target_family = "wasm"))]
        let native = ::core::option::Option::Some($native);
        #[cfg(target_family = "wasm")]
        let native = ::core::option::Option::None;
        native
    }};
    ($run:expr) => {
        $crate::native!(@ $crate::stage::chapter::Native::new($run))
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stage::record::Settings;

    fn named(name: &'static str) -> Chapter {
        Chapter::new("c", "").section(name, "", async || Ok(()))
    }

    #[test]
    #[should_panic(expected = "two sections of c are named twice")]
    fn two_sections_with_the_same_name_are_refused() {
        let _ = named("twice").section("twice", "", async || Ok(()));
    }

    #[test]
    #[should_panic(expected = "is not a section name")]
    fn a_name_that_looks_like_an_option_is_refused() {
        let _ = named("--fast");
    }

    #[test]
    #[should_panic(expected = "is not a section name")]
    fn a_name_that_would_leave_its_folder_is_refused() {
        let _ = named("a/b");
    }

    #[test]
    fn the_path_of_a_section_with_knobs_is_that_of_its_function() {
        async fn runs(_: usize) -> anyhow::Result<()> {
            Ok(())
        }
        let native = Native::with_knobs(|| 1, runs);
        assert!(native.code.path.starts_with(module_path!()), "{}", native.code.path);
    }

    #[test]
    fn a_section_gets_the_address_of_its_run() {
        let address = Some("http://localhost:8000".to_owned());
        let settings = Settings { url: address.clone(), ..Settings::default() };
        let _here = Recorder::new(false, settings, |_, _, _| ()).install();
        assert_eq!(url(), address);
    }
}
