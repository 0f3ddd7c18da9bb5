//! A walk shows a chapter section by section, and waits at a prompt after each.

mod command;

use self::command::Command;
use super::{
    command_line::{LEGEND, Options, find, nearest::quoted},
    contents::{Contents, Section},
    engine::Outcome,
    listing,
    notes::print_error,
    prompt::{Answer, Prompt},
    session::Session,
    survey::{check_settings, survey},
};
use crate::stage::record::Settings;

/// What the reader wants next.
enum Next {
    /// The section with this number, in the order of the chapter.
    Section(usize),
    End,
    Interrupted,
}

/// What follows a command.
enum Step {
    /// The prompt is shown again.
    Ask,
    /// The section runs again.
    RunAgain,
    /// The reader leaves the section.
    Leave(Next),
}

/// Walks through the sections, and returns the exit code.
pub(super) fn walk(
    contents: &Contents,
    options: &Options<'_>,
    session: Session<'_>,
) -> i32 {
    let prompt = Prompt::open();
    let mut walk = Walk { contents, options, session, prompt };
    let heading = walk.session.output.page.heading(contents.name, contents.claim);
    walk.print(&format!("{heading}\n"));
    let mut number = 0;
    loop {
        match walk.visit(number) {
            Next::Section(next) => number = next,
            Next::End => return walk.session.close(),
            Next::Interrupted => return walk.session.interrupted(),
        }
    }
}

struct Walk<'a> {
    contents: &'a Contents,
    options: &'a Options<'a>,
    session: Session<'a>,
    prompt: Prompt,
}

impl Walk<'_> {
    /// Runs a section until the reader leaves it. After the last section the walk ends. Knobs that
    /// are set at the prompt are set for this visit only.
    fn visit(&mut self, number: usize) -> Next {
        let Some(section) = self.options.sections.get(number) else { return Next::End };
        let mut settings = self.options.settings.clone();
        loop {
            if let Outcome::Interrupted = self.session.run(section, &settings) {
                return Next::Interrupted;
            }
            if let Some(next) = self.ask(number, section, &mut settings) {
                return next;
            }
        }
    }

    /// Asks until the reader types what to run next. `None` means: run this section again, with
    /// `settings`.
    fn ask(
        &mut self,
        number: usize,
        section: &Section,
        settings: &mut Settings,
    ) -> Option<Next> {
        loop {
            self.print_choices(number, section);
            let line = match self.prompt.read() {
                Answer::Line(line) => line,
                Answer::End => return self.end_prompt_line(Next::End),
                Answer::Interrupted => return self.end_prompt_line(Next::Interrupted),
            };
            match self.execute(Command::read(&line), number, section, settings) {
                Ok(Step::Ask) => {}
                Ok(Step::RunAgain) => return None,
                Ok(Step::Leave(next)) => return Some(next),
                Err(why) => print_error(&why),
            }
        }
    }

    /// The error explains why the command cannot be executed.
    fn execute(
        &self,
        command: Command,
        number: usize,
        section: &Section,
        settings: &mut Settings,
    ) -> Result<Step, String> {
        Ok(match command {
            Command::Next => Step::Leave(Next::Section(number + 1)),
            Command::Section(name) => Step::Leave(Next::Section(self.position(&name)?)),
            Command::Quit => Step::Leave(Next::End),
            Command::Again => Step::RunAgain,
            Command::Knobs(knobs) => {
                *settings = with_knobs(section, settings, &knobs)?;
                Step::RunAgain
            }
            Command::List => {
                self.list();
                Step::Ask
            }
            Command::Explain => {
                self.explain();
                Step::Ask
            }
        })
    }

    fn print_choices(&self, number: usize, section: &Section) {
        let is_last = number + 1 == self.options.sections.len();
        let has_knobs = !survey(section, &self.options.settings).knobs.is_empty();
        let choices = choices(is_last, has_knobs);
        self.print(&format!("{}\n> ", self.session.output.page.wrapped(&choices)));
    }

    /// Ends the line of the prompt, because the reader types nothing more on it.
    fn end_prompt_line(&self, next: Next) -> Option<Next> {
        self.print("\n");
        Some(next)
    }

    fn position(&self, name: &str) -> Result<usize, String> {
        let found = find(self.contents, name)?;
        let mut names = self.options.sections.iter().map(|section| section.name);
        Ok(names.position(|name| name == found.name).expect("a walk has every section"))
    }

    fn list(&self) {
        let sections = &self.options.sections;
        let page = &self.session.output.page;
        self.print(&format!("\n{}\n", listing::list(self.contents, sections, page)));
    }

    fn explain(&self) {
        let marks = LEGEND.map(str::to_owned);
        self.print(&format!("\n{}\n", self.session.output.page.items(&marks)));
    }

    fn print(&self, text: &str) {
        self.session.output.print(text);
    }
}

/// What the reader can type. It fits one line of 80 columns.
fn choices(is_last: bool, has_knobs: bool) -> String {
    let enter = if is_last { "Enter end" } else { "Enter next" };
    let knobs = if has_knobs { "KNOB=VALUE · " } else { "" };
    format!("{enter} · r again · {knobs}SECTION · l list · ? marks · q quit")
}

/// The settings together with these: `capacity=1 making=20ms`.
fn with_knobs(
    section: &Section,
    settings: &Settings,
    text: &str,
) -> Result<Settings, String> {
    let mut typed = Settings::default();
    for setting in text.split_whitespace() {
        let (knob, value) = setting.split_once('=').ok_or_else(|| {
            format!("{} is not a setting: type KNOB=VALUE", quoted(setting))
        })?;
        typed.knobs.insert(knob.to_owned(), value.to_owned());
    }
    // Not all settings are checked: some may belong to other sections.
    check_settings(&[section], &typed)?;
    let mut changed = settings.clone();
    changed.knobs.extend(typed.knobs);
    Ok(changed)
}
