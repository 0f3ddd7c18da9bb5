//! A run of sections prints what they say, draws their timelines, and counts what failed.

use std::{ffi::OsString, sync::Arc};

use super::{
    chapter::{Chapter, Kind, Section, URL},
    cli::{self, Action, Clock, Options, When},
    engine::{self, Ended},
    out::{Out, complain},
    picture::Pictures,
    record::{KnobInfo, Recorder, Recording},
    survey,
    timeline::{self, Style},
};

/// The exit codes of a chapter. Ctrl-C gives what a shell gives for it.
const FAILED: i32 = 1;
const MISUSED: i32 = 2;
const INTERRUPTED: i32 = 130;

/// Runs what `args` ask for, and returns the exit code.
pub(super) fn main(chapter: &Chapter, args: impl IntoIterator<Item = OsString>) -> i32 {
    match cli::parse(chapter, args).and_then(|options| act(chapter, &options)) {
        Ok(code) => code,
        Err(message) => {
            complain(&message);
            MISUSED
        }
    }
}

fn act(chapter: &Chapter, options: &Options<'_>) -> Result<i32, String> {
    let out = Arc::new(Out::new(options.plain));
    match options.action {
        Action::Help => out.print(&cli::help(chapter)),
        Action::List => out.print(&survey::list(chapter, options)),
        Action::Run => return Run::new(options, out)?.all(),
    }
    Ok(0)
}

/// One run of some sections.
struct Run<'a> {
    options: &'a Options<'a>,
    out: Arc<Out>,
    pictures: Pictures,
    knobs: Vec<KnobInfo>,
    failed: bool,
}

impl<'a> Run<'a> {
    fn new(options: &'a Options<'a>, out: Arc<Out>) -> Result<Self, String> {
        survey::check_settings(options)?;
        let pictures = Pictures::open(options.svg.as_deref(), options.trace.as_deref())?;
        Ok(Self { options, out, pictures, knobs: Vec::new(), failed: false })
    }

    fn all(mut self) -> Result<i32, String> {
        for section in &self.options.sections {
            if section.kind == Kind::RealTime && self.options.clock == Clock::Virtual {
                self.heading(section, " (real time only: not part of a fast run)");
                continue;
            }
            if let Ended::Interrupted = self.one(section)? {
                complain("stopped");
                return self.pictures.close().map(|()| INTERRUPTED);
            }
        }
        self.pictures.close()?;
        if self.options.clock != Clock::Virtual {
            survey::check_known(&self.options.settings, &self.knobs)?;
        }
        Ok(if self.failed { FAILED } else { 0 })
    }

    fn one(&mut self, section: &Section) -> Result<Ended, String> {
        self.heading(section, "");
        let recorder = self.recorder();
        let ended = engine::run(self.options.clock, &recorder, &section.body);
        if let Ended::Failed(why) = &ended {
            self.failed = true;
            complain(&format!("{} failed: {why}", section.name));
        }
        let recording = recorder.recording();
        self.draw(section, &recording)?;
        self.knobs.extend(recording.knobs);
        Ok(ended)
    }

    fn recorder(&self) -> Recorder {
        let mut settings = self.options.settings.clone();
        settings.extend(self.options.url.iter().map(|url| (URL.into(), url.clone())));
        let out = Arc::clone(&self.out);
        let looked_at = self.shows_timeline() || self.pictures.wanted();
        Recorder::new(looked_at, settings, move |at, lane, text| out.said(at, lane, text))
    }

    fn heading(&self, section: &Section, note: &str) {
        let name = self.out.bold(section.name);
        self.out.print(&format!("{name}   {}{note}\n\n", section.claim));
    }

    fn draw(&mut self, section: &Section, recording: &Recording) -> Result<(), String> {
        if self.shows_timeline() && !recording.lanes.is_empty() {
            self.out.print(&format!("\n{}", self.timeline(section, recording)));
        }
        self.out.print("\n");
        self.pictures.draw(section.name, section.claim, recording)
    }

    fn timeline(&self, section: &Section, recording: &Recording) -> String {
        let twin = format!("asyncio/{}.py", section.name);
        let twin = (section.kind == Kind::Pure).then_some(twin.as_str());
        let style = Style { width: self.out.width, color: self.out.color };
        timeline::render(recording, style, twin)
    }

    fn shows_timeline(&self) -> bool {
        match self.options.timeline {
            When::Auto => !self.out.plain,
            When::Always => true,
            When::Never => false,
        }
    }
}
