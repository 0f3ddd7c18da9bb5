//! A chapter that does not end in time is killed, and the test that started it fails.

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

/// Far more than any of these runs needs, however busy the machine is.
const LIMIT: Duration = Duration::from_secs(60);

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
    Running::start(chapter(words)).finish()
}

/// The small chapter with these words, not yet started.
#[track_caller]
pub(crate) fn chapter(words: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Command {
    let test = env::current_exe().expect("a test knows its own file");
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
    command.env("RUST_BACKTRACE", "0").stdin(Stdio::null()).stdout(Stdio::piped());
    command
}

/// A chapter that runs; it is killed when the test ends before it does.
pub(crate) struct Running {
    child: Child,
    pub(crate) stdout: Lines,
    pub(crate) stderr: Lines,
}

impl Running {
    /// Starts a command. It is taken by value, so that only the process holds its output.
    #[track_caller]
    pub(crate) fn start(command: Command) -> Self {
        Self::start_and_read(command, usize::MAX)
    }

    /// Starts a command, and closes the pipe after so many lines of its output.
    #[track_caller]
    pub(crate) fn start_and_read(mut command: Command, lines: usize) -> Self {
        let mut child = command.stderr(Stdio::piped()).spawn().expect("it starts");
        let stdout = match child.stdout.take() {
            Some(pipe) => Lines::of(pipe, lines),
            None => Lines::of(io::empty(), 0),
        };
        let stderr = Lines::of(child.stderr.take().expect("piped"), usize::MAX);
        Self { child, stdout, stderr }
    }

    /// Presses Ctrl-C.
    #[cfg(unix)]
    pub(crate) fn interrupt(&self) {
        let id = self.child.id().to_string();
        let kill = Command::new("kill").args(["-INT", &id]).status();
        assert!(kill.as_ref().is_ok_and(ExitStatus::success), "{kill:?}");
    }

    /// Waits for the end.
    #[track_caller]
    pub(crate) fn finish(mut self) -> Ran {
        let stdout = self.stdout.all();
        let stderr = self.stderr.all();
        let code = self.child.wait().expect("a process of ours").code();
        Ran { code, stdout, stderr }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has nearly always ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a process prints, read on a thread of its own so that every wait has a limit.
pub(crate) struct Lines {
    heard: Receiver<String>,
    seen: String,
}

impl Lines {
    /// The first lines of this pipe, which is closed after so many.
    pub(crate) fn of(pipe: impl Read + Send + 'static, most: usize) -> Self {
        let (tell, heard) = mpsc::channel();
        thread::spawn(move || {
            let mut pipe = BufReader::new(pipe);
            for _ in 0..most {
                let mut line = Vec::new();
                // A terminal whose last writer has gone gives an error where a pipe just ends.
                if pipe.read_until(b'\n', &mut line).unwrap_or(0) == 0 {
                    break;
                }
                // The test may have given up.
                let _ = tell.send(String::from_utf8_lossy(&line).into_owned());
            }
        });
        Self { heard, seen: String::new() }
    }

    /// Waits for a line that ends with this.
    #[track_caller]
    pub(crate) fn wait_for(&mut self, last: &str) {
        while !self.seen.trim_end().ends_with(last) {
            match self.heard.recv_timeout(LIMIT) {
                Ok(line) => self.seen += &line,
                Err(why) => panic!("no line ends with {last:?} ({why}):\n{}", self.seen),
            }
        }
    }

    /// What was read so far and not yet taken.
    #[cfg(target_os = "linux")]
    pub(crate) fn take(&mut self) -> String {
        mem::take(&mut self.seen)
    }

    /// Everything, once the last writer has gone.
    #[track_caller]
    pub(crate) fn all(&mut self) -> String {
        loop {
            match self.heard.recv_timeout(LIMIT) {
                Ok(line) => self.seen += &line,
                Err(RecvTimeoutError::Disconnected) => return mem::take(&mut self.seen),
                Err(RecvTimeoutError::Timeout) => {
                    panic!("it has not ended after {LIMIT:?}:\n{}", self.seen)
                }
            }
        }
    }
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
