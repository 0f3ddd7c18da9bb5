//! A test that kills its server starts its own one.

use std::{
    fs,
    os::unix::{fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

/// A PostgreSQL server in a temporary folder, with a socket there and no port.
pub(crate) struct Server {
    folder: TempDir,
    process: Option<Child>,
}

impl Server {
    /// Starts a server, if the tests have one at all: then its programs are in `PATH`.
    pub(crate) fn start() -> Option<Self> {
        crate::space::url()?;
        let folder = tempfile::tempdir().expect("a folder");
        if let Some((user, group)) = postgres_user() {
            chown(folder.path(), Some(user), Some(group)).expect("root may do that");
        }
        let mut server = Self { folder, process: None };
        let initialised = as_postgres("initdb")
            .arg("--pgdata")
            .arg(server.data())
            .args(["--username", "chapter", "--auth", "trust", "--no-sync"])
            .stdout(Stdio::null())
            .status();
        assert!(initialised.expect("initdb is in PATH").success());
        server.restart();
        Some(server)
    }

    /// Starts the server again on what it has stored.
    pub(crate) fn restart(&mut self) {
        let started = Instant::now();
        // After a kill, its children need a moment to end, and until then it refuses to start.
        while !self.try_restart() {
            assert!(started.elapsed() < Duration::from_secs(60), "{}", self.log());
        }
    }

    fn try_restart(&mut self) -> bool {
        let log = fs::File::options().create(true).append(true).open(self.log_file());
        let log = log.expect("a file for its log");
        let mut process = as_postgres("postgres")
            .arg("-D")
            .arg(self.data())
            .arg("-k")
            .arg(self.folder.path())
            .args(["-c", "listen_addresses=", "-c", "fsync=off"])
            .stdout(log.try_clone().expect("a second handle"))
            .stderr(log)
            .spawn()
            .expect("postgres is in PATH");
        while process.try_wait().expect("a child").is_none() {
            let ready = Command::new("pg_isready")
                .args(["--quiet", "--host"])
                .arg(self.folder.path())
                .status();
            if ready.expect("pg_isready is in PATH").success() {
                self.process = Some(process);
                return true;
            }
            thread::sleep(Duration::from_millis(50));
        }
        false
    }

    /// Kills the server and so its sessions, as a power failure of its machine would, but not of its disk.
    pub(crate) fn kill(&mut self) {
        let mut process = self.process.take().expect("it is running");
        process.kill().expect("it was running");
        process.wait().expect("a child");
    }

    pub(crate) fn url(&self) -> String {
        self.url_of("chapter")
    }

    /// The address with this user, which may be `NAME:PASSWORD`.
    pub(crate) fn url_of(&self, user: &str) -> String {
        url_of(user, self.folder.path())
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.folder.path().join(".s.PGSQL.5432")
    }

    /// Demands a password of this user. Takes effect with the next start.
    pub(crate) fn demand_password_of(&self, user: &str) {
        let rules = format!("local all {user} scram-sha-256\nlocal all all trust\n");
        fs::write(self.data().join("pg_hba.conf"), rules).expect("the rules are written");
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn log_file(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    fn log(&self) -> String {
        fs::read_to_string(self.log_file()).unwrap_or_default()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            // QUIT ends the sessions too, and removes the shared memory, which a kill would leave.
            let quit =
                Command::new("kill").arg("-QUIT").arg(process.id().to_string()).status();
            let _ = quit.and_then(|_| process.wait());
        }
    }
}

pub(crate) fn url_of(user: &str, folder: &Path) -> String {
    let (name, password) = user.split_once(':').unwrap_or((user, ""));
    let folder = folder.display();
    format!("postgres:///postgres?user={name}&password={password}&host={folder}")
}

/// PostgreSQL refuses to run as root.
fn as_postgres(program: &str) -> Command {
    let mut command = Command::new(program);
    command.current_dir("/");
    if let Some((user, group)) = postgres_user() {
        command.uid(user).gid(group);
    }
    command
}

/// The ids of the user `postgres`, if this program runs as root.
fn postgres_user() -> Option<(u32, u32)> {
    let id = |arguments: &[&str]| {
        let output = Command::new("id").args(arguments).output().expect("id is in PATH");
        let id = String::from_utf8(output.stdout).expect("a number");
        id.trim().parse().expect("a number")
    };
    (id(&["-u"]) == 0).then(|| (id(&["-u", "postgres"]), id(&["-g", "postgres"])))
}
