//! A run of sections prints what they say, draws their timelines, and counts what failed.

use std::{ffi::OsString, sync::Arc};

use super::{
    chapter::{Chapter, Section, URL},
    command_line::{self, Action, Clock, Options, When},
    engine::{self, Ended},
    output::{Out, complain, tell},
    pictures::Pictures,
    survey,
};
use crate::stage::{
    record::{Recorder, Recording},
    render::timeline::{self, Style},
};

/// The exit codes of a chapter. Ctrl-C gives what a shell gives for it.
const FAILED: i32 = 1;
const MISUSED: i32 = 2;
pub(super) const INTERRUPTED: i32 = 130;

/// Runs what `args` ask for, and returns the exit code.
pub(super) fn main(chapter: &Chapter, args: impl IntoIterator<Item = OsString>) -> i32 {
    match command_line::parse(chapter, args).and_then(|options| act(chapter, &options)) {
        Ok(code) => code,
        Err(message) => {
            complain(&message);
            MISUSED
        }
    }
}

fn act(chapter: &Chapter, options: &Options<'_>) -> Result<i32, String> {
    let draws = options.svg.is_some() || options.trace.is_some();
    let out = Arc::new(Out::new(options.plain, draws));
    survey::check_settings(options)?;
    match options.action {
        Action::Help => out.print(&command_line::help(chapter, &out.page)),
        Action::List if options.plain => out.print(&survey::table(options)),
        Action::List => out.print(&survey::list(chapter, options, &out.page)),
        Action::Run => return Ok(Run::new(options, out)?.all()),
    }
    Ok(0)
}

/// One run of some sections.
struct Run<'a> {
    options: &'a Options<'a>,
    out: Arc<Out>,
    pictures: Pictures,
    failed: Vec<&'static str>,
    /// Whether a picture could not be written.
    blank: bool,
}

impl<'a> Run<'a> {
    /// Refuses here what cannot be drawn, before anything runs.
    fn new(options: &'a Options<'a>, out: Arc<Out>) -> Result<Self, String> {
        let runs =
            options.sections.iter().filter(|section| !is_left_out(section, options));
        let names: Vec<_> = runs.map(|section| section.name).collect();
        let (svg, trace) = (options.svg.as_deref(), options.trace.as_deref());
        let pictures = Pictures::open(svg, trace, &names)?;
        for section in &options.repeated {
            tell("note:", &format!("{} is named twice, and runs once", section.name));
        }
        Ok(Self { options, out, pictures, failed: Vec::new(), blank: false })
    }

    fn all(mut self) -> i32 {
        for section in &self.options.sections {
            if is_left_out(section, self.options) {
                self.heading(section, " (real time only: left out)");
                continue;
            }
            if let Ended::Interrupted = self.one(section) {
                self.close();
                tell("stopped", "by Ctrl-C");
                return INTERRUPTED;
            }
        }
        self.close();
        self.verdict()
    }

    fn one(&mut self, section: &Section) -> Ended {
        self.heading(section, "");
        self.out.begin();
        let recorder = self.recorder();
        let ended = engine::run(self.options.clock, &recorder, &section.body);
        let recording = recorder.recording();
        self.draw(section, &recording);
        if let Ended::Failed(why) = &ended {
            self.failed(section, why);
        }
        self.out.print("\n");
        ended
    }

    fn failed(&mut self, section: &Section, why: &str) {
        self.failed.push(section.name);
        if !self.out.page.plain && self.out.has_said() {
            self.out.print("\n");
        }
        complain(&format!("{} failed: {why}", section.name));
    }

    fn recorder(&self) -> Recorder {
        let mut settings = self.options.settings.clone();
        settings.extend(self.options.url.iter().map(|url| (URL.into(), url.clone())));
        let out = Arc::clone(&self.out);
        let looked_at = self.shows_timeline() || self.pictures.wanted();
        Recorder::new(looked_at, settings, move |at, lane, text| out.said(at, lane, text))
    }

    fn heading(&self, section: &Section, note: &str) {
        let claim = format!("{}{note}", section.claim);
        self.out.print(&format!("{}\n", self.out.page.heading(section.name, &claim)));
    }

    fn draw(&mut self, section: &Section, recording: &Recording) {
        if self.shows_timeline() && !recording.lanes.is_empty() {
            self.out.print(&format!("\n{}", self.timeline(section, recording)));
        }
        if let (Some(question), false) = (&recording.question, self.out.page.plain) {
            self.out.print(&format!("   try {}: {}\n", question.setting, question.text));
        }
        let drawn = self.pictures.draw(section.name, section.claim, recording);
        self.note(drawn);
    }

    fn timeline(&self, section: &Section, recording: &Recording) -> String {
        let twin = format!("asyncio/{}.py", section.name);
        let twin = section.is_pure().then_some(twin.as_str());
        let style = Style { width: self.out.page.width, color: self.out.page.color };
        timeline::render(recording, style, twin)
    }

    fn shows_timeline(&self) -> bool {
        match self.options.timeline {
            When::Auto => !self.out.page.plain,
            When::Always => true,
            When::Never => false,
        }
    }

    fn close(&mut self) {
        let closed = self.pictures.close();
        self.note(closed);
    }

    /// A picture that cannot be written holds up no section, but the run has failed.
    fn note(&mut self, drawn: Result<(), String>) {
        if let Err(why) = drawn {
            self.blank = true;
            complain(&why);
        }
    }

    /// The exit code, and what a reader who looks at the end only must know.
    fn verdict(&self) -> i32 {
        let (failed, all) = (self.failed.len(), self.options.sections.len());
        if failed > 0 && all > 1 {
            let names = self.failed.join(", ");
            complain(&format!("{failed} of {all} sections failed: {names}"));
        }
        if failed > 0 || self.blank { FAILED } else { 0 }
    }
}

fn is_left_out(section: &Section, options: &Options<'_>) -> bool {
    !section.is_pure() && options.clock == Clock::Virtual
}
