//! A chapter's binary is built beside its tests, and lists its sections.

use std::{env, ffi::OsString, process::Command};

use super::{
    line::Line,
    listing::{self, Section},
    program,
    setting::Setting,
};

/// The chapter's binary.
pub(super) struct Chapter {
    pub(super) name: String,
    /// The program, and arguments to put before all others.
    pub(super) command: Vec<OsString>,
}

impl Chapter {
    /// The binary `name` that Cargo built for the running test.
    pub(super) fn beside_this_test(name: &str) -> Self {
        let test = env::current_exe().expect("the running test has a path");
        // target/debug/deps/parity-0123 is the test, target/debug/queues the chapter.
        let folder = test.ancestors().nth(2).unwrap_or(&test);
        let path = folder.join(format!("{name}{}", env::consts::EXE_SUFFIX));
        assert!(
            path.exists(),
            "{} does not exist: call `check` in an integration test of the package, with the \
             name of that package's binary",
            path.display()
        );
        Self { name: name.into(), command: vec![path.into()] }
    }

    /// Its sections, in order.
    pub(super) fn sections(&self) -> Result<Vec<Section>, String> {
        let output = program::run(self.command().args(["--list", "--plain"]))?;
        listing::sections(&output)
    }

    /// Fails if the section refuses this setting, `KNOB=VALUE`.
    pub(super) fn accepts(&self, section: &str, setting: &str) -> Result<(), String> {
        let arguments = ["--list", "--plain", section, "--set", setting];
        program::run(self.command().args(arguments)).map(drop)
    }

    /// Runs a section and returns the lines that it prints; every line must have a time.
    pub(super) fn run(
        &self,
        section: &str,
        setting: &Setting,
    ) -> Result<Vec<Line>, String> {
        let command = &mut self.command();
        let command =
            command.args(["--fast", "--plain", section]).args(setting.arguments());
        lines(&program::run(command)?)
    }

    /// The command that runs the section alone.
    pub(super) fn command_line(&self, section: &str, setting: &Setting) -> String {
        let arguments: String =
            setting.arguments().map(|word| format!(" {word}")).collect();
        format!("cargo run -p {} -- --fast --plain {section}{arguments}", self.name)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.command[0]);
        command.args(&self.command[1..]);
        command
    }
}

/// The lines of the output below its heading. Empty lines separate them from the heading and from the
/// end.
fn lines(output: &str) -> Result<Vec<Line>, String> {
    let below_heading = output.lines().skip(1).filter(|line| !line.is_empty());
    let read =
        |line| Line::parse(line).ok_or(format!("{line:?} was not printed with `say!`"));
    below_heading.map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(output: &str) -> Result<Vec<Line>, String> {
        let script = format!("printf '{output}'");
        let command = ["sh", "-c", &script, "fake"].map(Into::into).into();
        let chapter = Chapter { name: "fake".into(), command };
        chapter.run("wait", &Setting::default())
    }

    #[test]
    fn the_heading_and_empty_lines_are_not_lines_of_the_section() {
        let lines =
            run(r"wait   it waits\n\n[  0.010s] a\n[  0.020s] b\n\n").expect("lines");
        let texts: Vec<_> = lines.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(texts, ["a", "b"]);
    }

    #[test]
    fn a_line_without_a_time_is_refused() {
        let error = run(r"wait   it waits\n\n[  0.010s] a\nprinted\n\n");
        let error = error.expect_err("it was printed with `println!`");
        assert_eq!(error, "\"printed\" was not printed with `say!`");
    }
}
