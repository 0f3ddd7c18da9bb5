//! `--serve ADDR` runs the server until Ctrl-C or SIGTERM, and on this machine only unless told
//! otherwise.

use std::{
    ffi::OsString,
    io,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    process,
    time::Duration,
};

use anyhow::{Context, anyhow, bail};
use axum::{Router, middleware::from_fn};
use lexopt::{Parser, prelude::*};
use tokio::{net::TcpListener, runtime::Runtime, select};
use tokio_util::sync::CancellationToken;

use super::{
    api::routes,
    limits::{Limits, limited},
    log::{log, tell},
    memory::Memory,
    repository::Repository,
    serve::{Door, serve},
    service::Users,
    signals::Signals,
    sqlite::Sqlite,
};

/// How long a request waits for the store: less than the time for an answer, so that the log says
/// which of the two was late.
const PATIENCE: Duration = Duration::from_secs(2);

/// Where to listen, and where the users are.
#[derive(Debug, PartialEq, Eq)]
struct Command {
    address: SocketAddr,
    /// Without a file the users are in memory, and forgotten at the end.
    file: Option<PathBuf>,
}

/// Serves if the command line says `--serve`, and does not come back then.
pub(crate) fn serve_if_asked() {
    let command = match Command::read(std::env::args_os().skip(1)) {
        Ok(None) => return,
        Ok(Some(command)) => command,
        Err(error) => exit(2, error),
    };
    match Runtime::new().map_err(Into::into).and_then(|rt| rt.block_on(command.run())) {
        Ok(()) => process::exit(0),
        Err(error) => exit(1, format!("{error:#}")),
    }
}

fn exit(code: i32, why: impl std::fmt::Display) -> ! {
    eprintln!("error: {why}");
    process::exit(code)
}

impl Command {
    /// The command, or `None` if there is no `--serve`.
    fn read(args: impl Iterator<Item = OsString>) -> Result<Option<Self>, lexopt::Error> {
        let args: Vec<_> = args.collect();
        let serve = |arg: &OsString| {
            arg == "--serve" || arg.to_string_lossy().starts_with("--serve=")
        };
        if !args.iter().any(serve) {
            return Ok(None);
        }
        let (mut address, mut file) = (None, None);
        let mut args = Parser::from_args(args);
        while let Some(arg) = args.next()? {
            match arg {
                Long("serve") => address = Some(address_of(&args.value()?.string()?)?),
                Long("db") => file = Some(args.value()?.into()),
                other => {
                    let other = other.unexpected();
                    return Err(format!(
                        "{other}: --serve takes --db FILE beside it, and nothing else"
                    )
                    .into());
                }
            }
        }
        Ok(address.map(|address| Self { address, file }))
    }

    async fn run(self) -> anyhow::Result<()> {
        let listener = listen(self.address).await?;
        // From here on a signal is heard: before the address is known to anybody.
        let signals = Signals::listen().context("cannot listen for signals")?;
        let cut_off = match self.file {
            // Not in a temporary file: a process that is killed would leave it behind.
            None => until_stopped(listener, signals, app(Memory::default())).await?,
            Some(file) => {
                let users = Sqlite::open(&file, PATIENCE)
                    .await
                    .with_context(|| format!("cannot open {}", file.display()))?;
                let app = app(users.clone());
                let cut_off = until_stopped(listener, signals, app).await?;
                users.close().await;
                cut_off
            }
        };
        match cut_off {
            0 => tell("stopped"),
            n => tell(format!("stopped; {n} connections were cut off")),
        }
        Ok(())
    }
}

/// Serves until the first signal, gracefully from there on, and not at all after the second.
async fn until_stopped(
    listener: TcpListener,
    mut signals: Signals,
    app: Router,
) -> anyhow::Result<usize> {
    announce(listener.local_addr()?);
    let stop = CancellationToken::new();
    let serving = serve(listener, app, Door::default(), stop.clone().cancelled_owned());
    let serving = tokio::spawn(serving);
    let signal = signals.next().await;
    tell(format!("{signal}: ending what is in flight; once more ends it at once"));
    stop.cancel();
    select! {
        cut_off = serving => Ok(cut_off?),
        signal = signals.next() => bail!("{signal}: stopped in the middle"),
    }
}

fn app(users: impl Repository) -> Router {
    limited(routes(Users::new(users)), Limits::default()).layer(from_fn(log))
}

/// `127.0.0.1:8080`, or a port alone: that of this machine.
fn address_of(text: &str) -> Result<SocketAddr, String> {
    let port = || text.parse().map(|port: u16| (Ipv4Addr::LOCALHOST, port).into());
    text.parse().or_else(|_| port()).map_err(|_| {
        format!(
            "--serve takes an address such as 127.0.0.1:8080, or a port, not {text:?}"
        )
    })
}

async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    let listener = TcpListener::bind(address).await;
    listener.map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => {
            anyhow!("{address} is in use; port 0 asks for one that is free")
        }
        _ => anyhow!(error).context(format!("cannot listen on {address}")),
    })
}

fn announce(address: SocketAddr) {
    tell(format!("http://{address}"));
    if !address.ip().is_loopback() {
        tell("everybody who can reach this machine can use it");
    }
    tell(format!(
        "try:  curl -i http://{address}/users --json \
         '{{\"name\": \"Ann\", \"email\": \"ann@example.com\"}}'\n      \
         curl -i http://{address}/users/1"
    ));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[&str]) -> Result<Option<Command>, String> {
        let words = words.iter().map(OsString::from);
        Command::read(words).map_err(|error| error.to_string())
    }

    fn address(text: &str) -> String {
        read(&["--serve", text]).expect("it is one").expect("asked").address.to_string()
    }

    #[test]
    fn a_port_alone_is_on_this_machine_only() {
        assert_eq!(address("8080"), "127.0.0.1:8080");
        assert_eq!(address("0.0.0.0:8080"), "0.0.0.0:8080", "told otherwise");
    }

    #[test]
    fn without_the_option_the_chapter_runs() {
        assert_eq!(read(&["layers", "--fast"]), Ok(None));
    }

    #[test]
    fn a_wrong_address_is_refused_with_a_right_one() {
        for wrong in ["localhost", "127.0.0.1", "70000", "1.2.3.4:70000"] {
            let why = read(&["--serve", wrong]).expect_err("no address");
            assert!(why.contains("such as 127.0.0.1:8080"), "{why}");
        }
        assert!(read(&["--serve"]).is_err(), "an address is missing");
    }

    #[test]
    fn no_option_of_the_chapter_is_taken_beside_it() {
        for other in ["--fast", "layers", "--plain"] {
            let why = read(&["--serve", "8080", other]).expect_err("one too many");
            assert!(why.contains("--db FILE") && why.contains(other), "{why}");
        }
    }
}
