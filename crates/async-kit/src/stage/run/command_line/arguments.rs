//! The arguments are read one by one. Conflicts between them are found later.

use std::{collections::BTreeMap, ffi::OsString, num::NonZeroUsize, path::PathBuf};

use lexopt::{Arg, Error, Parser, ValueExt, prelude::*};

use super::{help::option_names, nearest::nearest};

/// Arbitrary: no section needs more, and a few thousand threads would exhaust a machine.
const MAX_THREADS: usize = 256;

/// What a chapter does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::stage::run) enum Action {
    Run,
    List,
    Help,
}

/// When a timeline is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::stage::run) enum When {
    Auto,
    Always,
    Never,
}

/// The arguments as they were typed.
#[derive(Default)]
pub(super) struct Arguments {
    pub(super) action: Option<Action>,
    pub(super) names: Vec<String>,
    pub(super) all: bool,
    pub(super) fast: bool,
    pub(super) threads: Option<NonZeroUsize>,
    pub(super) plain: bool,
    pub(super) timeline: Option<When>,
    pub(super) svg: Option<PathBuf>,
    pub(super) trace: Option<PathBuf>,
    pub(super) record: Option<PathBuf>,
    /// The value of each knob that is set. If a knob is set twice, the last value counts.
    pub(super) settings: BTreeMap<String, String>,
    pub(super) url: Option<String>,
}

impl Arguments {
    /// `--help` works even if the rest of the command line is wrong: then the rest is ignored.
    pub(super) fn read(args: impl IntoIterator<Item = OsString>) -> Result<Self, Error> {
        let mut given = Self::default();
        let mut args = Parser::from_args(args);
        let mut first_error = None;
        loop {
            match given.read_next(&mut args) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    first_error.get_or_insert(error);
                }
            }
        }
        match (given.action, first_error) {
            (Some(Action::Help), _) => Ok(given.help_only()),
            (_, Some(error)) => Err(error),
            (_, None) => Ok(given),
        }
    }

    /// Returns `false` after the last argument.
    fn read_next(&mut self, args: &mut Parser) -> Result<bool, Error> {
        let Some(arg) = args.next()? else { return Ok(false) };
        match arg {
            Value(name) => self.names.push(name.string()?),
            Short('h') | Long("help") => self.action = Some(Action::Help),
            Long("list") => self.action = self.action.or(Some(Action::List)),
            Long("all") => self.all = true,
            Long("fast") => self.fast = true,
            Long("threads") => self.threads = Some(threads(&args.value()?)?),
            Long("plain") => self.plain = true,
            Long("timeline") => self.timeline = Some(when(&args.value()?.string()?)?),
            Long("svg") => self.svg = Some(path("--svg", args.value()?)?),
            Long("trace") => self.trace = Some(path("--trace", args.value()?)?),
            Long("record") => self.record = Some(path("--record", args.value()?)?),
            Long("set") => {
                let (knob, value) = setting(&args.value()?.string()?)?;
                self.settings.insert(knob, value);
            }
            Long("url") => self.url = Some(args.value()?.string()?),
            _ => return Err(unknown(&arg)),
        }
        Ok(true)
    }

    fn help_only(self) -> Self {
        Self { action: Some(Action::Help), plain: self.plain, ..Self::default() }
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
        return Err(format!("{option} takes a path that is not empty").into());
    }
    // `--svg --fast` is a typing mistake, not the name of a folder.
    if given.as_encoded_bytes().starts_with(b"-") {
        let name = given.display();
        let why = format!("{option} takes a path, not {given:?}; a path may be ./{name}");
        return Err(why.into());
    }
    Ok(given.into())
}

fn setting(text: &str) -> Result<(String, String), Error> {
    match text.split_once('=') {
        // `--set --fast=…` is a typing mistake, not the name of a knob.
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
    match nearest(&name, option_names()) {
        Some(near) => format!("there is no {name}; did you mean {near}?").into(),
        None => format!("there is no {name}; --help lists the options").into(),
    }
}
