//! A chapter's command line is read once and checked whole, before anything runs.

mod arguments;
mod help;
pub(super) mod nearest;

use std::{ffi::OsString, num::NonZeroUsize, path::PathBuf};

use super::chapter::{Chapter, Section};
use arguments::Raw;
pub(super) use help::help;
use nearest::hint;

/// What a reader asked for.
pub(super) struct Options<'a> {
    pub(super) action: Action,
    pub(super) sections: Vec<&'a Section>,
    /// The sections that were named more than once.
    pub(super) repeated: Vec<&'a Section>,
    pub(super) clock: Clock,
    pub(super) plain: bool,
    pub(super) timeline: When,
    pub(super) svg: Option<PathBuf>,
    pub(super) trace: Option<PathBuf>,
    pub(super) settings: Vec<(String, String)>,
    pub(super) url: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Run,
    List,
    Help,
}

/// Whose time a run takes, and on how many threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Clock {
    Real,
    Threads(NonZeroUsize),
    Virtual,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    Auto,
    Always,
    Never,
}

/// Reads the command line; the error says in a few lines what is wrong with it.
pub(super) fn parse(
    chapter: &Chapter,
    args: impl IntoIterator<Item = OsString>,
) -> Result<Options<'_>, String> {
    let raw = Raw::read(args).map_err(|error| error.to_string())?;
    let action = raw.action.unwrap_or(Action::Run);
    // Who asks for help has perhaps not found the right words yet.
    let names = if action == Action::Help { &[] } else { &raw.names[..] };
    let (sections, repeated) = chosen(chapter, names)?;
    Ok(Options {
        action,
        sections,
        repeated,
        clock: clock(raw.fast, raw.threads)?,
        plain: raw.plain,
        timeline: raw.timeline.unwrap_or(When::Auto),
        svg: raw.svg,
        trace: raw.trace,
        settings: raw.settings,
        url: base(chapter, raw.url)?,
    })
}

type Sections<'a> = Vec<&'a Section>;

/// Each section once, in the order in which they were named, and those named again.
fn chosen<'a>(
    chapter: &'a Chapter,
    names: &[String],
) -> Result<(Sections<'a>, Sections<'a>), String> {
    if names.is_empty() {
        return Ok((chapter.sections.iter().collect(), Vec::new()));
    }
    let (mut first, mut again) = (Sections::new(), Sections::new());
    for name in names {
        let section = find(chapter, name)?;
        let known = first.iter().any(|known| known.name == section.name);
        if known { &mut again } else { &mut first }.push(section);
    }
    again.dedup_by_key(|section| section.name);
    Ok((first, again))
}

fn find<'a>(chapter: &'a Chapter, name: &str) -> Result<&'a Section, String> {
    let sections = &chapter.sections;
    if let Some(section) = sections.iter().find(|section| section.name == name) {
        return Ok(section);
    }
    let known: Vec<_> = sections.iter().map(|section| section.name).collect();
    let hint = hint(name, known.iter().copied());
    let list = known.join(" ");
    Err(format!("{} has no section {name:?}{hint}\nsections: {list}", chapter.name))
}

fn clock(fast: bool, threads: Option<NonZeroUsize>) -> Result<Clock, String> {
    // WebAssembly has no clock to wait on, so virtual time is all there is.
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

/// The base address, in the form to which a section can add its `/path`.
fn base(chapter: &Chapter, url: Option<String>) -> Result<Option<String>, String> {
    match url {
        Some(_) if !chapter.speaks_http => {
            Err(format!("{} speaks no HTTP, so it takes no --url", chapter.name))
        }
        Some(url) if !url.starts_with("http://") && !url.starts_with("https://") => Err(
            format!("--url takes an address such as http://localhost:8080, not {url:?}"),
        ),
        url => Ok(url.map(|url| url.trim_end_matches('/').to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(given: &str) -> Result<Option<String>, String> {
        let chapter = Chapter::new("client", "").speaks_http();
        let words = ["--url", given].map(OsString::from);
        parse(&chapter, words).map(|options| options.url)
    }

    #[test]
    fn a_path_can_be_added_to_a_base_address() {
        let base = Ok(Some("http://localhost:8080".to_owned()));
        assert_eq!(
            [url("http://localhost:8080"), url("http://localhost:8080/")],
            [base.clone(), base]
        );
    }

    #[test]
    fn an_address_without_a_scheme_is_refused() {
        let why =
            "--url takes an address such as http://localhost:8080, not \"localhost\"";
        assert_eq!(url("localhost"), Err(why.to_owned()));
    }
}
