//! A session runs sections one at a time, draws each, and records which of them failed.

use std::{slice, sync::Arc};

use super::{
    command_line::{Options, When},
    contents::{Contents, Section},
    engine::{self, Clock, Outcome},
    exit_code::{FAILED, INTERRUPTED},
    last_run::LastRun,
    notes::{print_error, print_note},
    output::Output,
    sources::Sources,
    written_files::WrittenFiles,
};
use crate::stage::{
    record::{Question, Recorder, Recording, Settings},
    render::{
        record_file::Run,
        timeline::{self, Style},
    },
};

/// The runs of some sections of a chapter.
pub(super) struct Session<'a> {
    options: &'a Options<'a>,
    pub(super) output: Arc<Output>,
    files: WrittenFiles,
    sources: Option<Sources>,
    last_run: Option<LastRun>,
    failed: Vec<&'static str>,
    /// Whether a file could not be written.
    unwritten: bool,
}

impl<'a> Session<'a> {
    /// Refuses files that could not be written, before anything runs.
    pub(super) fn new(
        contents: &Contents,
        options: &'a Options<'a>,
        output: Arc<Output>,
    ) -> Result<Self, String> {
        let runs =
            options.sections.iter().filter(|section| !is_left_out(section, options));
        let names: Vec<_> = runs.map(|section| section.name).collect();
        let files = WrittenFiles::open(contents.name, options, &names)?;
        let sources = Sources::of(contents);
        Ok(Self {
            options,
            output,
            files,
            sources,
            last_run: None,
            failed: Vec::new(),
            unwritten: false,
        })
    }

    /// Runs one section. A section that needs real time is left out of a session in virtual time.
    pub(super) fn run(&mut self, section: &Section, settings: &Settings) -> Outcome {
        if is_left_out(section, self.options) {
            self.heading(section, " (real time only: left out)");
            return Outcome::Completed;
        }
        self.heading(section, "");
        self.output.begin();
        self.failed.retain(|failed| *failed != section.name);
        let recorder = self.recorder(settings);
        let outcome = engine::run(self.options.clock, &recorder, &section.code.body);
        let mut recording = recorder.recording();
        if let Outcome::Interrupted = outcome {
            // A question about a run that was stopped cannot be answered from what is shown.
            recording.question = None;
        }
        self.show(section, &recording);
        self.write(section, recording, &outcome);
        if let Outcome::Failed(why) = &outcome {
            self.fail(section, why);
        }
        self.output.print("\n");
        outcome
    }

    /// Writes the files that are not yet written, and returns the exit code.
    pub(super) fn close(mut self) -> i32 {
        for written in self.files.close() {
            match written {
                Ok(what) => print_note("wrote", &what),
                Err(why) => self.not_written(&why),
            }
        }
        let failed = self.failed.len();
        // The failure of a section that runs alone was the last message.
        if failed > 0 && self.options.sections.len() > 1 {
            let sections = if failed == 1 { "section" } else { "sections" };
            let names = self.failed.join(", ");
            print_error(&format!("{failed} {sections} failed: {names}"));
        }
        if failed > 0 || self.unwritten { FAILED } else { 0 }
    }

    /// Closes the session after Ctrl-C, and returns the exit code.
    pub(super) fn interrupted(self) -> i32 {
        self.close();
        print_note("stopped", "by Ctrl-C");
        INTERRUPTED
    }

    fn fail(&mut self, section: &Section, why: &str) {
        self.failed.push(section.name);
        if !self.output.page.plain && self.output.has_said() {
            self.output.print("\n");
        }
        print_error(&format!("{} failed: {why}", section.name));
    }

    fn recorder(&self, settings: &Settings) -> Recorder {
        let output = Arc::clone(&self.output);
        let is_drawn = self.shows_timeline() || self.options.writes_files();
        let print = move |at, lane: Option<&str>, text: &str| output.said(at, lane, text);
        Recorder::new(is_drawn, settings.clone(), print)
    }

    fn heading(&self, section: &Section, note: &str) {
        let claim = format!("{}{note}", section.claim);
        let heading = self.output.page.heading(section.name, &claim);
        self.output.print(&format!("{heading}\n"));
    }

    fn show(&mut self, section: &Section, recording: &Recording) {
        if self.shows_timeline() {
            let timeline = match recording.lanes.is_empty() {
                true => String::new(),
                false => self.timeline(recording),
            };
            let before = self.compared_with_last_run(section, recording);
            let below = timeline + &before + &self.files_and_question(section, recording);
            if !below.is_empty() {
                self.output.print("\n");
                if self.output.scrolls_with(&below) {
                    self.heading(section, "");
                }
                self.output.print(&below);
            }
        }
    }

    fn write(&mut self, section: &Section, recording: Recording, outcome: &Outcome) {
        let failure = match outcome {
            Outcome::Failed(why) => Some(why.clone()),
            Outcome::Completed | Outcome::Interrupted => None,
        };
        let run = Run {
            section: section.name.to_owned(),
            claim: section.claim.to_owned(),
            is_virtual: self.options.clock == Clock::Virtual,
            failure,
            recording,
        };
        if let Err(why) = self.files.add(run) {
            self.not_written(&why);
        }
    }

    fn timeline(&self, recording: &Recording) -> String {
        let page = &self.output.page;
        timeline::render(recording, Style { width: page.width, color: page.color })
    }

    /// How long the run before took, if it was this section with another knob.
    fn compared_with_last_run(
        &mut self,
        section: &Section,
        recording: &Recording,
    ) -> String {
        let this = LastRun::of(section, recording);
        let text = self.last_run.take().and_then(|last| last.compared_with(&this));
        self.last_run = Some(this);
        self.output.page.aside("", INDENT.len(), text.as_slice())
    }

    /// The files of the section, and the question that it asks.
    fn files_and_question(&self, section: &Section, recording: &Recording) -> String {
        let page = &self.output.page;
        let files = self.sources.as_ref().map(|sources| sources.about(section));
        // One below the other: a reader looks for one of them.
        let files = files
            .iter()
            .flatten()
            .map(|file| page.aside("", INDENT.len(), slice::from_ref(file)));
        let files = files.collect::<String>();
        let open = recording.question.as_ref().filter(|it| !is_set(it, recording));
        let question = open.map(|question| {
            let text = format!("{INDENT}try {}: {}", question.setting, question.text);
            page.wrapped(&text) + "\n"
        });
        files + &question.unwrap_or_default()
    }

    fn shows_timeline(&self) -> bool {
        match self.options.timeline {
            When::Auto => !self.output.page.plain,
            When::Always => true,
            When::Never => false,
        }
    }

    /// If a file cannot be written, the sections still run, but the session fails.
    fn not_written(&mut self, why: &str) {
        self.unwritten = true;
        print_error(why);
    }
}

/// The indent of a timeline, and of the lines below it.
const INDENT: &str = "   ";

/// Whether the run already has the setting that the question suggests.
fn is_set(question: &Question, recording: &Recording) -> bool {
    let mut knobs = recording.knobs.iter();
    knobs.any(|knob| format!("{}={}", knob.name, knob.value) == question.setting)
}

fn is_left_out(section: &Section, options: &Options<'_>) -> bool {
    !section.is_pure() && options.clock == Clock::Virtual
}
