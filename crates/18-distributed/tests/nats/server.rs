//! A NATS server in a temporary folder, which can be killed and restarted with what it has stored.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
    process::Stdio,
    sync::{Arc, Once},
    time::Duration,
};

use anyhow::{Context, bail, ensure};
use distributed::JetStream;
use serde::Deserialize;
use tempfile::TempDir;
use tokio::{
    process::{Child, Command},
    time::sleep,
};

/// Enough for a busy machine. A server is ready after about 50 ms.
const START: Duration = Duration::from_secs(20);

pub(crate) struct Server {
    folder: TempDir,
    store: PathBuf,
    /// What comes before its command.
    prefix: Vec<String>,
    options: Vec<String>,
    port: u16,
    child: Child,
}

/// The file in which a server writes its ports.
#[derive(Deserialize)]
struct Ports {
    nats: Vec<String>,
}

impl Server {
    /// A server with JetStream, or None if this machine need not have one.
    pub(crate) async fn start() -> anyhow::Result<Option<Self>> {
        Self::with(&["-js"], "").await
    }

    /// A server with these options and this configuration.
    pub(crate) async fn with(
        options: &[&str],
        configuration: &str,
    ) -> anyhow::Result<Option<Self>> {
        if std::env::var("NATS_URL").unwrap_or_default().is_empty() {
            report_skipped();
            return Ok(None);
        }
        let folder = TempDir::new()?;
        let store = folder.path().to_owned();
        Ok(Some(Self::launch(folder, store, Vec::new(), options, configuration).await?))
    }

    /// A server that stores in this folder. What comes before its command shows it the folder.
    pub(crate) async fn on(
        store: &Path,
        prefix: Vec<String>,
        configuration: &str,
    ) -> anyhow::Result<Self> {
        Self::launch(TempDir::new()?, store.to_owned(), prefix, &[], configuration).await
    }

    async fn launch(
        folder: TempDir,
        store: PathBuf,
        prefix: Vec<String>,
        options: &[&str],
        configuration: &str,
    ) -> anyhow::Result<Self> {
        std::fs::write(folder.path().join("configuration"), configuration)?;
        let options: Vec<_> = options.iter().map(|&option| option.to_owned()).collect();
        let command = command(&prefix, folder.path(), &store, &options, "-1");
        let (child, port) = start(command, folder.path()).await?;
        Ok(Self { folder, store, prefix, options, port, child })
    }

    pub(crate) fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Its broker in a namespace of this name, which waits 10 s for a server that is away.
    pub(crate) async fn open(&self) -> anyhow::Result<Arc<JetStream>> {
        Ok(JetStream::open(&self.url(), "test").await?)
    }

    /// Kills it as `kill -9` does: it can write nothing more.
    pub(crate) async fn kill(&mut self) -> anyhow::Result<()> {
        Ok(self.child.kill().await?)
    }

    /// Ends it as an operator does: it writes all that it knows.
    pub(crate) async fn stop(&mut self) -> anyhow::Result<()> {
        let pid = self.pid().to_string();
        let sent = Command::new("kill").args(["-TERM", &pid]).status().await?;
        ensure!(sent.success(), "kill -TERM has failed");
        tokio::time::timeout(START, self.child.wait()).await??;
        Ok(())
    }

    /// What it has stored of a queue: its messages in `msgs`, and its consumers in `obs`.
    pub(crate) fn stored(&self, queue: &str) -> PathBuf {
        self.store.join(format!("jetstream/$G/streams/test+queue+{queue}"))
    }

    /// Starts it again after [`kill`](Self::kill), with the same port and all it has stored.
    pub(crate) async fn restart(&mut self) -> anyhow::Result<()> {
        let port = self.port.to_string();
        let folder = self.folder.path();
        let command = command(&self.prefix, folder, &self.store, &self.options, &port);
        (self.child, _) = start(command, folder).await?;
        Ok(())
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id().expect("it is running")
    }
}

fn command(
    prefix: &[String],
    folder: &Path,
    store: &Path,
    options: &[String],
    port: &str,
) -> Command {
    let server = "nats-server".to_owned();
    let mut words = prefix.iter().chain([&server]);
    let mut command = Command::new(words.next().expect("one is there"));
    command
        .args(words)
        .args(["-a", "127.0.0.1", "-p", port, "--ports_file_dir"])
        .arg(folder)
        .arg("-sd")
        .arg(store)
        .arg("-c")
        .arg(folder.join("configuration"))
        .arg("-l")
        .arg(folder.join("log"))
        .args(options)
        .stdin(Stdio::null())
        .kill_on_drop(true);
    command
}

async fn start(mut command: Command, folder: &Path) -> anyhow::Result<(Child, u16)> {
    let mut child =
        command.spawn().context("NATS_URL is set, but nats-server cannot be started")?;
    let pid = child.id().context("it has just been started")?;
    let ports = folder.join(format!("nats-server_{pid}.ports"));
    let ended = async { child.wait().await };
    let port = tokio::select! {
        port = tokio::time::timeout(START, written_port(ports)) => port.ok(),
        _ = ended => None,
    };
    match port {
        Some(port) => Ok((child, port)),
        None => {
            let log = std::fs::read_to_string(folder.join("log"));
            bail!("nats-server has not started: {}", log.unwrap_or_default())
        }
    }
}

/// The file is written when clients can connect.
async fn written_port(path: PathBuf) -> u16 {
    loop {
        if let Ok(text) = tokio::fs::read_to_string(&path).await
            && let Ok(ports) = serde_json::from_str::<Ports>(&text)
            && let Some((_, port)) =
                ports.nats.first().and_then(|url| url.rsplit_once(':'))
            && let Ok(port) = port.parse()
        {
            return port;
        }
        sleep(Duration::from_millis(10)).await;
    }
}

fn report_skipped() {
    static ONCE: Once = Once::new();
    // Not `eprintln!`: the test harness captures it, and a skipped test must be visible.
    ONCE.call_once(|| {
        let skipped = "SKIPPED, no test with a NATS server of its own ran";
        let why = "NATS_URL names no server, and `just nats` starts one";
        let _ = writeln!(io::stderr(), "{skipped}: {why}");
    });
}
