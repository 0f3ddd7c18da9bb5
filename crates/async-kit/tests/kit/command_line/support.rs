//! If a chapter does not end within a minute, it is killed, and its test fails.

use std::{
    env,
    ffi::OsStr,
    fs,
    io::{self, BufRead, BufReader, Read},
    mem,
    path::{Path, PathBuf},
    process::{self, Child, Command, ExitStatus, Stdio},
    sync::mpsc::{self, Receiver, RecvTimeoutError},
    thread,
    time::Duration,
};

/// Much longer than any of these runs takes, even on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);

/// The exit code and the output of a run that has ended.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Finished {
    /// Asserts the exit code. If it differs, the panic shows the whole output.
    #[track_caller]
    pub(crate) fn exits_with(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }

    /// Asserts that the command line was refused: exit code 2, no section ran, and these words on
    /// standard error.
    #[track_caller]
    pub(crate) fn refused(self, words: &[&str]) {
        let ran = self.exits_with(2);
        assert_eq!(ran.stdout, "", "a section ran: {ran:#?}");
        ran.complains(words);
    }

    /// Asserts that standard error contains each of these words, and no panic.
    #[track_caller]
    pub(crate) fn complains(&self, words: &[&str]) {
        for word in words {
            assert!(self.stderr.contains(word), "no {word:?} in:\n{}", self.stderr);
        }
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
    }
}

/// Runs the small chapter with these arguments to its end.
#[track_caller]
pub(crate) fn run(words: &[&str]) -> Finished {
    Running::start(chapter(words)).finish()
}

/// The command of the small chapter with these arguments.
#[track_caller]
pub(crate) fn chapter(words: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Command {
    let test = env::current_exe().expect("the path of the running test");
    // target/debug/deps/kit-0123 is the test.
    let folder = test.ancestors().nth(2).expect("a target folder");
    let program = folder.join("examples/small_chapter");
    let program = program.with_extension(env::consts::EXE_EXTENSION);
    assert!(
        program.exists(),
        "{} does not exist: `cargo test` builds it, and `cargo test --test kit` \
         does not; then run `cargo build -p async-kit --example small_chapter`",
        program.display()
    );
    let mut command = Command::new(program);
    command.args(words).env_remove("NO_COLOR").env("TERM", "xterm");
    command.env("RUST_BACKTRACE", "0").stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// A running chapter. If the test ends first, the chapter is killed.
pub(crate) struct Running {
    child: Child,
    pub(crate) stdout: Lines,
    pub(crate) stderr: Lines,
}

impl Running {
    /// Starts a command. The command is consumed, so that only the process holds the pipes.
    #[track_caller]
    pub(crate) fn start(command: Command) -> Self {
        Self::start_and_read(command, usize::MAX)
    }

    /// Starts a command, and closes the pipe after this many lines of its output.
    #[track_caller]
    pub(crate) fn start_and_read(mut command: Command, lines: usize) -> Self {
        let mut child = command.spawn().expect("the command starts");
        let stdout = Lines::of_pipe(child.stdout.take(), lines);
        let stderr = Lines::of_pipe(child.stderr.take(), usize::MAX);
        Self { child, stdout, stderr }
    }

    /// Presses Ctrl-C.
    #[cfg(unix)]
    pub(crate) fn interrupt(&self) {
        let id = self.child.id().to_string();
        let kill = Command::new("kill").args(["-INT", &id]).status();
        assert!(kill.as_ref().is_ok_and(ExitStatus::success), "{kill:?}");
    }

    /// Waits for the end of the chapter.
    #[track_caller]
    pub(crate) fn finish(mut self) -> Finished {
        let stdout = self.stdout.all();
        let stderr = self.stderr.all();
        let code = self.child.wait().expect("a child process").code();
        Finished { code, stdout, stderr }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // The process has nearly always ended already, and then `kill` fails.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The output of a process. A separate thread reads it, so that every wait can have a timeout.
pub(crate) struct Lines {
    receiver: Receiver<String>,
    seen: String,
}

impl Lines {
    /// Reads the lines of this pipe, and closes the pipe after `max` lines.
    pub(crate) fn of(pipe: impl Read + Send + 'static, max: usize) -> Self {
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            let mut pipe = BufReader::new(pipe);
            for _ in 0..max {
                let mut line = Vec::new();
                // After the last writer has closed it, a pipe ends, but a terminal returns an error.
                if pipe.read_until(b'\n', &mut line).unwrap_or(0) == 0 {
                    break;
                }
                // If the test has ended, no receiver is left.
                let _ = sender.send(String::from_utf8_lossy(&line).into_owned());
            }
        });
        Self { receiver, seen: String::new() }
    }

    /// Like [`of`](Self::of), or no lines if the output does not go to a pipe.
    fn of_pipe(pipe: Option<impl Read + Send + 'static>, max: usize) -> Self {
        match pipe {
            Some(pipe) => Self::of(pipe, max),
            None => Self::of(io::empty(), 0),
        }
    }

    /// Waits for a line that ends with this.
    #[track_caller]
    pub(crate) fn wait_for(&mut self, last: &str) {
        while !self.seen.trim_end().ends_with(last) {
            match self.receiver.recv_timeout(LIMIT) {
                Ok(line) => self.seen += &line,
                Err(why) => panic!("no line ends with {last:?} ({why}):\n{}", self.seen),
            }
        }
    }

    /// The output that was read since the last call.
    #[cfg(target_os = "linux")]
    pub(crate) fn take(&mut self) -> String {
        mem::take(&mut self.seen)
    }

    /// Waits until the last writer has closed its end, and returns the rest of the output.
    #[track_caller]
    pub(crate) fn all(&mut self) -> String {
        loop {
            match self.receiver.recv_timeout(LIMIT) {
                Ok(line) => self.seen += &line,
                Err(RecvTimeoutError::Disconnected) => return mem::take(&mut self.seen),
                Err(RecvTimeoutError::Timeout) => {
                    panic!("it has not ended after {LIMIT:?}:\n{}", self.seen)
                }
            }
        }
    }
}

/// A new temporary folder; it is deleted when this value is dropped.
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

    /// The path of a file in the folder, as a command-line argument.
    pub(crate) fn word(&self, name: &str) -> String {
        self.0.join(name).into_os_string().into_string().expect("UTF-8")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // If it cannot be deleted, a temporary folder stays, and nothing depends on it.
        let _ = fs::remove_dir_all(&self.0);
    }
}
