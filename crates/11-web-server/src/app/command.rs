//! `--serve ADDR` runs the server until Ctrl-C or SIGTERM; a port alone listens on loopback only.
#![cfg(not(target_family = "wasm"))]

use std::{
    ffi::OsString,
    io,
    net::{Ipv4Addr, SocketAddr},
    path::{self, PathBuf},
    process,
    time::Duration,
};

use anyhow::{Context, anyhow, bail};
use async_kit::Signals;
use axum::{Router, middleware::from_fn};
use lexopt::{Parser, prelude::*};
use tokio::{net::TcpListener, runtime::Runtime, select};
use tokio_util::sync::CancellationToken;

use super::{
    api::routes,
    host::require_host,
    limits::{Limits, limited},
    log::{log, print_line},
    memory::Memory,
    repository::Repository,
    serve::{ConnectionLimits, serve},
    service::Users,
    sqlite::Sqlite,
};

/// How long a request waits for the store. It is shorter than the timeout of the handler, so that
/// the log shows if the store was the cause.
const STORE_TIMEOUT: Duration = Duration::from_secs(2);

/// The address to listen on, and the file of the users.
#[derive(Debug, PartialEq, Eq)]
struct Command {
    address: SocketAddr,
    /// Without a file the users are in memory, and lost at the end.
    file: Option<PathBuf>,
}

/// Runs the server if the arguments contain `--serve`, and then ends the process.
pub(crate) fn serve_from_args() {
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
                Long("db") => file = Some(file_of(args.value()?)?),
                other => {
                    let other = other.unexpected();
                    return Err(format!(
                        "{other}: --serve can be combined only with --db FILE"
                    )
                    .into());
                }
            }
        }
        Ok(address.map(|address| Self { address, file }))
    }

    async fn run(self) -> anyhow::Result<()> {
        let listener = listen(self.address).await?;
        // This is before the address is printed, so that no signal after it is missed.
        let signals = Signals::listen().context("cannot listen for signals")?;
        let aborted = match self.file {
            // The default is not a temporary file, because a killed process would not remove it.
            None => serve_until_signal(listener, signals, app(Memory::default())).await?,
            Some(file) => {
                let users = Sqlite::open(&file, STORE_TIMEOUT)
                    .await
                    .with_context(|| format!("cannot open {}", file.display()))?;
                let app = app(users.clone());
                let aborted = serve_until_signal(listener, signals, app).await?;
                users.close().await;
                aborted
            }
        };
        match aborted {
            0 => print_line("stopped"),
            n => print_line(format!("stopped; aborted connections: {n}")),
        }
        Ok(())
    }
}

/// Serves until the first signal, which starts a graceful shutdown; a second signal aborts it.
async fn serve_until_signal(
    listener: TcpListener,
    mut signals: Signals,
    app: Router,
) -> anyhow::Result<usize> {
    print_address(listener.local_addr()?);
    let stop = CancellationToken::new();
    let serving =
        serve(listener, app, ConnectionLimits::default(), stop.clone().cancelled_owned());
    let serving = tokio::spawn(serving);
    let signal = signals.next().await;
    print_line(format!(
        "{signal}: waiting for requests in flight; a second signal aborts them"
    ));
    stop.cancel();
    select! {
        aborted = serving => Ok(aborted?),
        signal = signals.next() => bail!("{signal}: aborted the requests in flight"),
    }
}

fn app(users: impl Repository) -> Router {
    limited(routes(Users::new(users)), Limits::default())
        .layer(from_fn(require_host))
        .layer(from_fn(log))
}

/// Returns an absolute path: SQLite reads `:memory:`, an empty name and `file:…` as something else than
/// a file, for example as a database of its own for each connection.
fn file_of(name: OsString) -> Result<PathBuf, String> {
    if name.is_empty() || name == ":memory:" {
        return Err(
            "--db takes the name of a file; without --db the users are in memory".into(),
        );
    }
    path::absolute(&name)
        .map_err(|error| format!("--db {}: {error}", name.to_string_lossy()))
}

/// Parses `127.0.0.1:8080`, or a port alone, which means loopback.
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
            anyhow!("{address} is in use; with port 0 the system chooses a free port")
        }
        _ => anyhow!(error).context(format!("cannot listen on {address}")),
    })
}

fn print_address(address: SocketAddr) {
    print_line(format!("http://{address}"));
    if !address.ip().is_loopback() {
        print_line("this server is reachable from other machines");
    }
    print_line(format!(
        "try:  curl -i http://{address}/users --json \
         '{{\"name\": \"Ann\", \"email\": \"ann@example.com\"}}'\n      \
         curl -i http://{address}/users/1"
    ));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(args: &[&str]) -> Result<Option<Command>, String> {
        let args = args.iter().map(OsString::from);
        Command::read(args).map_err(|error| error.to_string())
    }

    fn address(text: &str) -> String {
        read(&["--serve", text]).expect("valid").expect("a command").address.to_string()
    }

    #[test]
    fn a_port_alone_means_loopback() {
        assert_eq!(address("8080"), "127.0.0.1:8080");
        assert_eq!(address("0.0.0.0:8080"), "0.0.0.0:8080", "unless an address is given");
    }

    #[test]
    fn without_serve_the_chapter_runs() {
        assert_eq!(read(&["layers", "--fast"]), Ok(None));
    }

    #[test]
    fn a_wrong_address_is_refused_with_an_example_of_a_right_one() {
        for wrong in ["localhost", "127.0.0.1", "70000", "1.2.3.4:70000"] {
            let why = read(&["--serve", wrong]).expect_err("not an address");
            assert!(why.contains("such as 127.0.0.1:8080"), "{why}");
        }
        assert!(read(&["--serve"]).is_err(), "the address is missing");
    }

    #[test]
    fn db_is_the_name_of_a_file() {
        for wrong in ["", ":memory:"] {
            let why = read(&["--serve", "0", "--db", wrong]).expect_err("not a file");
            assert!(why.contains("--db takes the name of a file"), "{why}");
        }
        for name in ["users.db", "file:users.db?mode=memory"] {
            let command = read(&["--serve", "0", "--db", name]).expect("valid");
            let file = command.and_then(|command| command.file).expect("a file");
            assert!(file.is_absolute() && file.ends_with(name), "{}", file.display());
        }
    }

    #[test]
    fn no_option_of_the_chapter_is_accepted_with_serve() {
        for other in ["--fast", "layers", "--plain"] {
            let why =
                read(&["--serve", "8080", other]).expect_err("an unexpected option");
            assert!(why.contains("--db FILE") && why.contains(other), "{why}");
        }
    }
}
