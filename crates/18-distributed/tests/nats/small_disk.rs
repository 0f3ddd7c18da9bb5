//! A disk of a few megabytes, which only the processes see that are started on it.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
    process::Stdio,
};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    process::{Child, Command},
};

/// Mounts a disk of the size `$1` at `$0`, for itself and for the processes that join it. The disk is gone when
/// the last of them has ended, and this one ends with the test.
const HOLD: &str =
    r#"mount -t tmpfs -o size="$1" tmpfs "$0" && echo mounted && exec cat"#;

pub(crate) struct SmallDisk {
    folder: TempDir,
    holder: Child,
}

impl SmallDisk {
    /// A disk of this size, such as `4m`. None if this process may not mount one.
    pub(crate) async fn mount(size: &str) -> Result<Option<Self>> {
        let folder = TempDir::new()?;
        let holder = Command::new("unshare")
            .args(["--map-root-user", "--mount", "sh", "-c", HOLD])
            .arg(folder.path())
            .arg(size)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn();
        let mut holder = match holder {
            Ok(holder) => holder,
            Err(error) => return Ok(skipped(&format!("unshare: {error}"))),
        };
        let mut line = String::new();
        let stdout = holder.stdout.take().context("it is piped")?;
        BufReader::new(stdout).read_line(&mut line).await?;
        if line != "mounted\n" {
            let mut why = String::new();
            let stderr = holder.stderr.as_mut().context("it is piped")?;
            stderr.read_to_string(&mut why).await?;
            return Ok(skipped(why.trim()));
        }
        Ok(Some(Self { folder, holder }))
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// What comes before a command, so that it runs with this disk.
    pub(crate) fn prefix(&self) -> Vec<String> {
        let holder = self.holder.id().expect("it is running").to_string();
        let join = ["nsenter", "--user", "--mount", "--preserve-credentials", "--target"];
        join.map(String::from).into_iter().chain([holder]).collect()
    }

    /// Fills the disk, except for this many bytes.
    pub(crate) async fn fill(&self, but: u64) -> Result<()> {
        let filler = self.filler();
        self.run(&["dd", "if=/dev/zero", "bs=1024", &format!("of={filler}")]).await.ok();
        self.run(&["truncate", &format!("--size=-{but}"), &filler]).await
    }

    /// Returns what [`fill`](Self::fill) has taken.
    pub(crate) async fn free(&self) -> Result<()> {
        self.run(&["rm", &self.filler()]).await
    }

    fn filler(&self) -> String {
        let filler: PathBuf = self.path().join("filler");
        filler.display().to_string()
    }

    async fn run(&self, command: &[&str]) -> Result<()> {
        let prefix = self.prefix();
        let ran = Command::new(&prefix[0]).args(&prefix[1..]).args(command).output();
        let ran = ran.await?;
        ensure!(ran.status.success(), "{command:?}: {ran:?}");
        Ok(())
    }
}

fn skipped(why: &str) -> Option<SmallDisk> {
    // Not `eprintln!`: the test harness captures it, and a skipped test must be visible.
    let skipped = "SKIPPED, no test with a full disk ran: it may not be mounted";
    let _ = writeln!(io::stderr(), "{skipped}: {why}");
    None
}
