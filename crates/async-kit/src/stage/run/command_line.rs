//! The command line is read and checked as a whole before anything runs.

mod arguments;
mod help;
pub(super) mod nearest;

use std::{ffi::OsString, num::NonZeroUsize, path::PathBuf};

use self::{
    arguments::Arguments,
    nearest::{hint, quoted},
};
pub(super) use self::{
    arguments::{Action, When},
    help::{LEGEND, help},
};
use super::{
    contents::{Contents, Section},
    engine::Clock,
    sources,
};
use crate::{base_address, stage::record::Settings};

/// What the command line asks for.
pub(super) struct Options<'a> {
    pub(super) action: Action,
    /// The sections to run, in this order.
    pub(super) sections: Vec<&'a Section>,
    /// The sections that were named more than once.
    pub(super) repeated: Vec<&'a Section>,
    /// Whether a chapter in a terminal waits at a prompt after each section.
    pub(super) may_walk: bool,
    pub(super) clock: Clock,
    pub(super) plain: bool,
    pub(super) timeline: When,
    pub(super) svg: Option<PathBuf>,
    pub(super) trace: Option<PathBuf>,
    pub(super) record: Option<PathBuf>,
    pub(super) settings: Settings,
}

impl Options<'_> {
    /// Whether the run writes files.
    pub(super) fn writes_files(&self) -> bool {
        self.svg.is_some() || self.trace.is_some() || self.record.is_some()
    }
}

/// Reads the command line. The error explains in a few lines what is wrong with it.
pub(super) fn parse(
    contents: &Contents,
    args: impl IntoIterator<Item = OsString>,
) -> Result<Options<'_>, String> {
    let given = Arguments::read(args).map_err(|error| error.to_string())?;
    let (sections, repeated) = chosen(contents, &given.names)?;
    Ok(Options {
        action: given.action.unwrap_or(Action::Run),
        sections,
        repeated,
        may_walk: given.names.is_empty() && !given.all && !given.plain,
        clock: clock(given.fast, given.threads)?,
        plain: given.plain,
        timeline: given.timeline.unwrap_or(When::Auto),
        svg: given.svg,
        trace: given.trace,
        record: given.record,
        settings: Settings { knobs: given.settings, url: base_url(contents, given.url)? },
    })
}

type Sections<'a> = Vec<&'a Section>;

/// Returns each named section once, in the order of the names, and the sections that were named
/// again.
fn chosen<'a>(
    contents: &'a Contents,
    names: &[String],
) -> Result<(Sections<'a>, Sections<'a>), String> {
    if names.is_empty() {
        return Ok((contents.sections.iter().collect(), Vec::new()));
    }
    let (mut first, mut again) = (Sections::new(), Sections::new());
    for name in names {
        let section = find(contents, name)?;
        let is_in = |list: &Sections<'_>| list.iter().any(|it| it.name == section.name);
        if !is_in(&first) {
            first.push(section);
        } else if !is_in(&again) {
            again.push(section);
        }
    }
    Ok((first, again))
}

/// The section of this name. The error lists all sections.
pub(super) fn find<'a>(
    contents: &'a Contents,
    name: &str,
) -> Result<&'a Section, String> {
    let sections = &contents.sections;
    if let Some(section) = sections.iter().find(|section| section.name == name) {
        return Ok(section);
    }
    let names: Vec<_> = sections.iter().map(|section| section.name).collect();
    let hint = hint(name, names.iter().copied());
    let elsewhere: String = sources::other_chapters_with(contents, name)
        .iter()
        .map(|chapter| {
            format!("\nanother chapter has it: cargo run -p {chapter} -- {name}")
        })
        .collect();
    let (chapter, name) = (contents.name, quoted(name));
    let list = names.join(" ");
    Err(format!("{chapter} has no section {name}{hint}{elsewhere}\nsections: {list}"))
}

fn clock(fast: bool, threads: Option<NonZeroUsize>) -> Result<Clock, String> {
    // WebAssembly has no clock to wait on, so there is only virtual time.
    let fast = fast || cfg!(target_family = "wasm");
    match (fast, threads) {
        (true, Some(_)) => Err("--fast and --threads exclude each other: \
                                a paused clock needs a runtime of one thread"
            .into()),
        (true, None) => Ok(Clock::Virtual),
        (false, Some(count)) => Ok(Clock::Threads(count)),
        (false, None) => Ok(Clock::Real),
    }
}

/// The base address without a slash at its end: a section adds its `/path`.
fn base_url(contents: &Contents, url: Option<String>) -> Result<Option<String>, String> {
    match url {
        Some(_) if !contents.speaks_http => {
            Err(format!("{} sends no HTTP requests, so it takes no --url", contents.name))
        }
        Some(url) => {
            let base = base_address::parse(&url).map_err(|why| format!("--url {why}"))?;
            Ok(Some(base.to_owned()))
        }
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use std::panic::Location;

    use super::*;

    #[test]
    fn a_chapter_that_speaks_http_takes_an_address() {
        let contents = Contents {
            name: "c",
            claim: "",
            speaks_http: true,
            sections: Vec::new(),
            made_at: Location::caller(),
        };
        let base = base_url(&contents, Some("http://localhost:8000/".to_owned()));
        assert_eq!(base, Ok(Some("http://localhost:8000".to_owned())));
    }
}
