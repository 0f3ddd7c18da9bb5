//! A chapter that does not end in time is killed, and the test that started it fails.

use std::{
    env, fs,
    io::Read,
    path::{Path, PathBuf},
    process::{self, Child, Command, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::Duration,
};

/// Far more than any of these runs needs, however busy the machine is.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// What a run left behind.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// Asserts the exit code; everything printed is shown if it is another.
    #[track_caller]
    pub(crate) fn exits_with(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }

    /// Asserts that the run was refused: code 2, nothing run, and these words on stderr.
    #[track_caller]
    pub(crate) fn refused(self, words: &[&str]) {
        let ran = self.exits_with(2);
        assert_eq!(ran.stdout, "", "something ran: {ran:#?}");
        ran.complains(words);
    }

    /// Asserts that standard error holds each of these, and no panic.
    #[track_caller]
    pub(crate) fn complains(&self, words: &[&str]) {
        for word in words {
            assert!(self.stderr.contains(word), "no {word:?} in:\n{}", self.stderr);
        }
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
    }
}

/// Runs the small chapter to its end.
#[track_caller]
pub(crate) fn run(words: &[&str]) -> Ran {
    finish(chapter().args(words))
}

/// The small chapter, not yet started.
#[track_caller]
pub(crate) fn chapter() -> Command {
    let test = env::current_exe().expect("a test knows its own file");
    // target/debug/deps/command_line-0123 is the test.
    let folder = test.ancestors().nth(2).expect("a target folder");
    let program =
        folder.join("examples/small_chapter").with_extension(env::consts::EXE_EXTENSION);
    assert!(
        program.exists(),
        "{} does not exist: `cargo test` builds it, `cargo test --test command_line` does not; \
         then run `cargo build -p async-kit --example small_chapter`",
        program.display()
    );
    let mut command = Command::new(program);
    command.env_remove("NO_COLOR").env("RUST_BACKTRACE", "0").stdin(Stdio::null());
    command
}

/// Runs a command to its end; what is not redirected yet is captured.
#[track_caller]
pub(crate) fn finish(command: &mut Command) -> Ran {
    let mut child = start(command.stdout(Stdio::piped()));
    let stdout = drain(child.stdout.take().expect("piped"));
    finish_child(child, &stdout)
}

/// Starts a command with its standard error captured.
#[track_caller]
pub(crate) fn start(command: &mut Command) -> Child {
    command.stderr(Stdio::piped()).spawn().expect("the chapter starts")
}

/// Waits for a started command, whose output goes to `stdout`.
#[track_caller]
pub(crate) fn finish_child(mut child: Child, stdout: &Receiver<Vec<u8>>) -> Ran {
    let stderr = drain(child.stderr.take().expect("piped"));
    // Both end when the process does.
    let (Ok(stdout), Ok(stderr)) =
        (stdout.recv_timeout(LIMIT), stderr.recv_timeout(LIMIT))
    else {
        child.kill().expect("a process of ours");
        panic!("the chapter has not ended after {LIMIT:?}");
    };
    let code = child.wait().expect("a process of ours").code();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    Ran { code, stdout: text(stdout), stderr: text(stderr) }
}

/// Reads to the end on a thread of its own.
pub(crate) fn drain(mut pipe: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (tell, heard) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // A terminal whose last writer has gone gives an error where a pipe just ends.
        let _ = pipe.read_to_end(&mut bytes);
        // The test may have given up.
        let _ = tell.send(bytes);
    });
    heard
}

/// A new folder, deleted with it.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(test: &str) -> Self {
        let folder =
            env::temp_dir().join(format!("command-line-{}-{test}", process::id()));
        fs::create_dir_all(&folder).expect("a temporary folder");
        Self(folder)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// The path of something in it, as a word of a command line.
    pub(crate) fn word(&self, name: &str) -> String {
        self.0.join(name).into_os_string().into_string().expect("UTF-8")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Nothing depends on it being gone.
        let _ = fs::remove_dir_all(&self.0);
    }
}
