//! The words of a command line are read one by one, not yet compared with each other.

use std::{ffi::OsString, num::NonZeroUsize, path::PathBuf};

use lexopt::{Arg, Error, Parser, ValueExt, prelude::*};

use super::{Action, When, nearest::nearest};

/// Arbitrary, because no lesson needs more: a few thousand threads would exhaust a machine.
const MAX_THREADS: usize = 256;

const LONG: [&str; 10] = [
    "help", "list", "fast", "threads", "plain", "timeline", "svg", "trace", "set", "url",
];

/// What was typed.
#[derive(Default)]
pub(super) struct Raw {
    pub(super) action: Option<Action>,
    pub(super) names: Vec<String>,
    pub(super) fast: bool,
    pub(super) threads: Option<NonZeroUsize>,
    pub(super) plain: bool,
    pub(super) timeline: Option<When>,
    pub(super) svg: Option<PathBuf>,
    pub(super) trace: Option<PathBuf>,
    pub(super) settings: Vec<(String, String)>,
    pub(super) url: Option<String>,
}

impl Raw {
    pub(super) fn read(args: impl IntoIterator<Item = OsString>) -> Result<Self, Error> {
        let mut raw = Self::default();
        let mut args = Parser::from_args(args);
        while let Some(arg) = args.next()? {
            match arg {
                Value(name) => raw.names.push(name.string()?),
                Short('h') | Long("help") => raw.action = Some(Action::Help),
                Long("list") => raw.action = raw.action.or(Some(Action::List)),
                Long("fast") => raw.fast = true,
                Long("threads") => raw.threads = Some(threads(&args.value()?)?),
                Long("plain") => raw.plain = true,
                Long("timeline") => raw.timeline = Some(when(&args.value()?.string()?)?),
                Long("svg") => raw.svg = Some(path("--svg", args.value()?)?),
                Long("trace") => raw.trace = Some(path("--trace", args.value()?)?),
                Long("set") => raw.settings.push(setting(&args.value()?.string()?)?),
                Long("url") => raw.url = Some(args.value()?.string()?),
                _ => return Err(unknown(&arg)),
            }
        }
        Ok(raw)
    }
}

fn threads(given: &OsString) -> Result<NonZeroUsize, Error> {
    let count = given.parse::<NonZeroUsize>().ok();
    count.filter(|count| count.get() <= MAX_THREADS).ok_or_else(|| {
        format!("--threads takes a number from 1 to {MAX_THREADS}, not {given:?}").into()
    })
}

fn when(text: &str) -> Result<When, Error> {
    match text {
        "auto" => Ok(When::Auto),
        "always" => Ok(When::Always),
        "never" => Ok(When::Never),
        _ => Err(format!("--timeline takes auto, always or never, not {text:?}").into()),
    }
}

fn path(option: &str, given: OsString) -> Result<PathBuf, Error> {
    if given.is_empty() {
        return Err(format!("{option} takes a name, and not an empty one").into());
    }
    Ok(given.into())
}

fn setting(text: &str) -> Result<(String, String), Error> {
    match text.split_once('=') {
        // A knob that begins like an option could shadow `--url`, which travels among the knobs.
        Some((knob, value)) if !knob.is_empty() && !knob.starts_with('-') => {
            Ok((knob.into(), value.into()))
        }
        _ => Err(format!("--set takes KNOB=VALUE, not {text:?}").into()),
    }
}

fn unknown(arg: &Arg<'_>) -> Error {
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
