//! A chapter does what its command line asks for, and returns an exit code that shows how it ended.

use std::{ffi::OsString, io, io::IsTerminal, sync::Arc};

use super::{
    command_line::{self, Action, Options},
    contents::Contents,
    engine::Outcome,
    exit_code::MISUSED,
    listing,
    notes::{print_error, print_note},
    output::Output,
    session::Session,
    survey, walk,
};

/// Does what `args` ask for, and returns the exit code.
pub(super) fn main(contents: &Contents, args: impl IntoIterator<Item = OsString>) -> i32 {
    match command_line::parse(contents, args).and_then(|options| act(contents, &options))
    {
        Ok(code) => code,
        Err(message) => {
            print_error(&message);
            MISUSED
        }
    }
}

fn act(contents: &Contents, options: &Options<'_>) -> Result<i32, String> {
    let output = Arc::new(Output::new(options.plain, options.writes_files()));
    survey::check_settings(&options.sections, &options.settings)?;
    match options.action {
        Action::Help => output.print(&command_line::help(contents, &output.page)),
        Action::List if options.plain => {
            output.print(&listing::table(contents, options));
        }
        Action::List => {
            output.print(&listing::list(contents, &options.sections, &output.page));
        }
        Action::Run => return run(contents, options, output),
    }
    Ok(0)
}

fn run(
    contents: &Contents,
    options: &Options<'_>,
    output: Arc<Output>,
) -> Result<i32, String> {
    let session = Session::new(contents, options, output)?;
    for section in &options.repeated {
        let name = section.name;
        print_note("note:", &format!("{name} is named more than once, and runs once"));
    }
    let can_ask = io::stdin().is_terminal() && io::stdout().is_terminal();
    match options.may_walk && can_ask {
        true => Ok(walk::walk(contents, options, session)),
        false => Ok(run_all(options, session)),
    }
}

fn run_all(options: &Options<'_>, mut session: Session<'_>) -> i32 {
    for section in &options.sections {
        if let Outcome::Interrupted = session.run(section, &options.settings) {
            return session.interrupted();
        }
    }
    session.close()
}
