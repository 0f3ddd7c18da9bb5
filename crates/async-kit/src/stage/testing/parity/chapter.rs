//! A chapter's binary stands beside its tests, and says which sections it has.

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
    /// The program, perhaps with arguments before ours.
    pub(super) command: Vec<OsString>,
}

impl Chapter {
    /// The binary `name` that Cargo built together with the running test.
    pub(super) fn beside_this_test(name: &str) -> Self {
        let test = env::current_exe().expect("the running test has a path");
        // target/debug/deps/parity-0123 is the test, target/debug/queues the chapter.
        let folder = test.ancestors().nth(2).unwrap_or(&test);
        let path = folder.join(format!("{name}{}", env::consts::EXE_SUFFIX));
        assert!(
            path.exists(),
            "{} does not exist: `check` takes the name of the package's own binary, \
             in an integration test of that package",
            path.display()
        );
        Self { name: name.into(), command: vec![path.into()] }
    }

    /// Its sections, in order.
    pub(super) fn sections(&self) -> Result<Vec<Section>, String> {
        let output = program::run(self.command().args(["--list", "--plain"]))?;
        listing::parse(&output)
    }

    /// Fails if the section refuses this setting, `KNOB=VALUE`.
    pub(super) fn accepts(&self, section: &str, setting: &str) -> Result<(), String> {
        let arguments = ["--list", "--plain", section, "--set", setting];
        program::run(self.command().args(arguments)).map(drop)
    }

    /// What a section prints; header and footer have no time and are left out.
    pub(super) fn run(
        &self,
        section: &str,
        setting: &Setting,
    ) -> Result<Vec<Line>, String> {
        let command = &mut self.command();
        let command =
            command.args(["--fast", "--plain", section]).args(setting.arguments());
        Ok(program::run(command)?.lines().filter_map(Line::parse).collect())
    }

    /// What a reader types to see the section alone.
    pub(super) fn by_hand(&self, section: &str, setting: &Setting) -> String {
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
