//! A chapter's command line is read once and checked whole, before anything runs.

use std::{ffi::OsString, num::NonZeroUsize, path::PathBuf};

use lexopt::{Parser, ValueExt, prelude::*};

use super::chapter::{Chapter, Section};

/// What a reader asked for.
pub(super) struct Options<'a> {
    pub(super) action: Action,
    pub(super) sections: Vec<&'a Section>,
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
    let mut raw = Raw::default();
    raw.read(&mut Parser::from_args(args)).map_err(|error| error.to_string())?;
    if raw.url.is_some() && !chapter.speaks_http {
        return Err(format!("{} speaks no HTTP, so it takes no --url", chapter.name));
    }
    Ok(Options {
        action: raw.action.unwrap_or(Action::Run),
        sections: chosen(chapter, &raw.names)?,
        clock: clock(raw.fast, raw.threads)?,
        plain: raw.plain,
        timeline: raw.timeline.unwrap_or(When::Auto),
        svg: raw.svg,
        trace: raw.trace,
        settings: raw.settings,
        url: raw.url,
    })
}

/// The words of a command line, not yet compared with each other or with the chapter.
#[derive(Default)]
struct Raw {
    action: Option<Action>,
    names: Vec<String>,
    fast: bool,
    threads: Option<NonZeroUsize>,
    plain: bool,
    timeline: Option<When>,
    svg: Option<PathBuf>,
    trace: Option<PathBuf>,
    settings: Vec<(String, String)>,
    url: Option<String>,
}

impl Raw {
    fn read(&mut self, args: &mut Parser) -> Result<(), lexopt::Error> {
        while let Some(arg) = args.next()? {
            match arg {
                Value(name) => self.names.push(name.string()?),
                Short('h') | Long("help") => self.action = Some(Action::Help),
                Long("list") => self.action = Some(Action::List),
                Long("fast") => self.fast = true,
                Long("threads") => self.threads = Some(threads(&args.value()?)?),
                Long("plain") => self.plain = true,
                Long("timeline") => self.timeline = Some(when(&args.value()?.string()?)?),
                Long("svg") => self.svg = Some(args.value()?.into()),
                Long("trace") => self.trace = Some(args.value()?.into()),
                Long("set") => self.settings.push(setting(&args.value()?.string()?)?),
                Long("url") => self.url = Some(args.value()?.string()?),
                _ => return Err(unknown(&arg)),
            }
        }
        Ok(())
    }
}

/// Arbitrary, because no lesson needs more: a few thousand threads would exhaust a machine.
const MAX_THREADS: usize = 256;

fn threads(given: &OsString) -> Result<NonZeroUsize, lexopt::Error> {
    let count = given.parse::<NonZeroUsize>().ok();
    count.filter(|count| count.get() <= MAX_THREADS).ok_or_else(|| {
        format!("--threads takes a number from 1 to {MAX_THREADS}, not {given:?}").into()
    })
}

fn when(text: &str) -> Result<When, lexopt::Error> {
    match text {
        "auto" => Ok(When::Auto),
        "always" => Ok(When::Always),
        "never" => Ok(When::Never),
        _ => Err(format!("--timeline takes auto, always or never, not {text:?}").into()),
    }
}

fn setting(text: &str) -> Result<(String, String), lexopt::Error> {
    match text.split_once('=') {
        Some((knob, value)) if !knob.is_empty() && !knob.starts_with('-') => {
            Ok((knob.into(), value.into()))
        }
        _ => Err(format!("--set takes KNOB=VALUE, not {text:?}").into()),
    }
}

const LONG: [&str; 10] = [
    "help", "list", "fast", "threads", "plain", "timeline", "svg", "trace", "set", "url",
];

fn unknown(arg: &lexopt::Arg<'_>) -> lexopt::Error {
    let name = match arg {
        Long(name) => format!("--{name}"),
        Short(letter) => format!("-{letter}"),
        Value(value) => return format!("{value:?} is not expected here").into(),
    };
    let known = LONG.map(|known| format!("--{known}"));
    match nearest(&name, known.iter().map(String::as_str)) {
        Some(near) => format!("there is no {name}; did you mean {near}?").into(),
        None => format!("there is no {name}; --help lists what there is").into(),
    }
}

/// The known word a mistyped one was probably meant to be.
fn nearest<'a>(typed: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let distances = known.map(|word| (strsim::damerau_levenshtein(typed, word), word));
    // Farther than half of the word is another word, not a slip of the finger.
    let near = distances.filter(|(distance, word)| *distance <= word.len() / 2);
    near.min_by_key(|(distance, _)| *distance).map(|(_, word)| word)
}

fn chosen<'a>(
    chapter: &'a Chapter,
    names: &[String],
) -> Result<Vec<&'a Section>, String> {
    if names.is_empty() {
        return Ok(chapter.sections.iter().collect());
    }
    names.iter().map(|name| find(chapter, name)).collect()
}

fn find<'a>(chapter: &'a Chapter, name: &str) -> Result<&'a Section, String> {
    let sections = &chapter.sections;
    if let Some(section) = sections.iter().find(|section| section.name == name) {
        return Ok(section);
    }
    let known: Vec<_> = sections.iter().map(|section| section.name).collect();
    let near = nearest(name, known.iter().copied());
    let hint = near.map_or(String::new(), |near| format!("; did you mean {near}?"));
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

/// What `--help` prints.
pub(super) fn help(chapter: &Chapter) -> String {
    let name = chapter.name;
    let url = match chapter.speaks_http {
        true => "\n  --url BASE         speak to BASE instead of the built-in lab server",
        false => "",
    };
    format!(
        "{name}: {}

cargo run -p {name} -- [SECTION…] [OPTION…]

  --list             the sections, one line and their knobs each
  --fast             virtual time: no waiting, the same order every time
  --threads N        a runtime of N threads instead of the one-thread runtime
  --set KNOB=VALUE   turn a knob of a section; repeatable
  --timeline WHEN    auto (the default), always or never
  --svg DIR          write each section's timeline to DIR/SECTION.svg
  --trace FILE       write a Chrome trace, which https://ui.perfetto.dev opens
  --plain            no colour, no timeline, one line for each thing said{url}
  -h, --help         this text
",
        chapter.claim
    )
}
