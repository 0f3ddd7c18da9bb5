//! A child opens the queues of its parent, and no password is on its command line.
//!
//! The command line of a process is visible to every user of the machine, its environment is not. So a
//! child gets the kind of server and the namespace as arguments, and the address, which may hold the
//! password, from its environment.
#![cfg(not(target_family = "wasm"))]

use std::{
    env,
    ffi::{OsStr, OsString},
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

use sqlx::postgres::PgConnectOptions;
use tempfile::TempDir;

use crate::{Broker, BrokerError, Embedded, Form, JetStream, Postgres};

const NATS: Variable =
    Variable { name: "NATS_URL", begins: "nats://", is_address: is_nats };
const POSTGRES: Variable =
    Variable { name: "DATABASE_URL", begins: "postgres://", is_address: is_postgres };

/// Where the queues and logs of a program are.
pub enum Location {
    /// In a folder that one process at a time has open.
    Embedded {
        /// The folder.
        folder: Folder,
    },
    /// In a schema of a PostgreSQL server.
    Postgres {
        /// The address of the server, perhaps with a password.
        url: String,
        /// The name of the schema.
        space: String,
    },
    /// In the streams of a NATS server whose names begin with this.
    JetStream {
        /// The address of the server, perhaps with a password.
        url: String,
        /// The beginning of the names.
        space: String,
    },
}

/// The folder of an embedded queue.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// Deletes the folder when it is dropped.
    _temporary: Option<TempDir>,
}

/// A location is not valid. No variant repeats an address, which may hold a password.
#[derive(Debug, thiserror::Error)]
pub enum LocationError {
    /// A variable of the environment is not UTF-8.
    #[error("{0} is not UTF-8")]
    NotUtf8(&'static str),
    /// A variable of the environment is not an address.
    #[error(
        "{name} is not a valid address: write it as {begins}USER:PASSWORD@HOST:PORT, of which only the host \
         is required, or unset it"
    )]
    Address {
        /// The name of the variable.
        name: &'static str,
        /// How an address begins.
        begins: &'static str,
    },
    /// A location on a server needs an address.
    #[error("{name} is not set, and --form {form} needs it: {name}={begins}HOST")]
    NoAddress {
        /// The name of the variable.
        name: &'static str,
        /// The value of `--form`.
        form: &'static str,
        /// How an address begins.
        begins: &'static str,
    },
    /// The arguments name no location.
    #[error("{0}")]
    Arguments(String),
    /// There is no temporary folder.
    #[error("cannot create a temporary folder: {0}")]
    Folder(std::io::Error),
}

impl Location {
    /// The location that the environment names: `NATS_URL`, or else `DATABASE_URL`, with a namespace of
    /// its own. If neither is set, or both are empty, a new temporary folder.
    ///
    /// # Errors
    ///
    /// [`LocationError`].
    pub fn from_env() -> Result<Self, LocationError> {
        if let Some(url) = NATS.read()? {
            return Ok(Self::JetStream { url, space: new_space() });
        }
        if let Some(url) = POSTGRES.read()? {
            return Ok(Self::Postgres { url, space: new_space() });
        }
        Self::temporary()
    }

    /// A new temporary folder, which is deleted when this is dropped.
    ///
    /// # Errors
    ///
    /// [`LocationError::Folder`].
    pub fn temporary() -> Result<Self, LocationError> {
        let temporary = tempfile::tempdir().map_err(LocationError::Folder)?;
        let path = temporary.path().to_owned();
        Ok(Self::Embedded { folder: Folder { path, _temporary: Some(temporary) } })
    }

    /// A folder that remains.
    #[must_use]
    pub fn folder(path: impl Into<PathBuf>) -> Self {
        Self::Embedded { folder: Folder { path: path.into(), _temporary: None } }
    }

    /// What kind of broker it is.
    #[must_use]
    pub fn form(&self) -> Form {
        match self {
            Self::Embedded { .. } => Form::Embedded,
            Self::Postgres { .. } => Form::Postgres,
            Self::JetStream { .. } => Form::JetStream,
        }
    }

    /// Opens it.
    ///
    /// # Errors
    ///
    /// [`BrokerError`] if there is no server or no folder, or if it cannot be used.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: an empty namespace that was created by then remains.
    pub async fn open(&self) -> Result<Arc<dyn Broker>, BrokerError> {
        match self {
            Self::Embedded { folder } => Ok(Embedded::open(folder.path()).await?),
            Self::Postgres { url, space } => Ok(Postgres::open(url, space).await?),
            Self::JetStream { url, space } => Ok(JetStream::open(url, space).await?),
        }
    }

    /// The arguments with which another process [finds](Self::parse) the same location. They contain no
    /// address: the other process reads it from the same variable of its environment.
    #[must_use]
    pub fn arguments(&self) -> Vec<OsString> {
        let on_server = |form: &str, space: &str| {
            ["--form", form, "--space", space].map(OsString::from).into()
        };
        match self {
            Self::Embedded { folder } => vec!["--folder".into(), folder.path().into()],
            Self::Postgres { space, .. } => on_server(POSTGRES_FORM, space),
            Self::JetStream { space, .. } => on_server(JETSTREAM_FORM, space),
        }
    }

    /// Finds the location that arguments name, and returns it with all other arguments:
    ///
    /// - `--folder PATH`
    /// - `--form postgres --space NAME`, with the address in `DATABASE_URL`
    /// - `--form jetstream --space NAME`, with the address in `NATS_URL`
    ///
    /// If they name none, it is the one of the [environment](Self::from_env).
    ///
    /// # Errors
    ///
    /// [`LocationError`].
    pub fn parse(
        arguments: impl IntoIterator<Item = OsString>,
    ) -> Result<(Self, Vec<OsString>), LocationError> {
        let mut others = Vec::new();
        let (mut folder, mut form, mut space) = (None, None, None);
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            // `--form=postgres` is `--form postgres`.
            let text = argument.to_str().unwrap_or_default();
            let (name, value) = match text.split_once('=') {
                Some((name, value)) => (name, Some(OsString::from(value))),
                None => (text, None),
            };
            let option = match name {
                "--folder" => &mut folder,
                "--form" => &mut form,
                "--space" => &mut space,
                _ => {
                    others.push(argument);
                    continue;
                }
            };
            let value = value.or_else(|| arguments.next()).filter(|v| !v.is_empty());
            let value = value.ok_or_else(|| invalid(format!("{name} needs a value")))?;
            if option.replace(value).is_some() {
                return Err(invalid(format!("{name} is given twice")));
            }
        }
        let location = match (folder, form, space) {
            (None, None, None) => Self::from_env()?,
            (Some(folder), None, None) => Self::folder(folder),
            (None, Some(form), Some(space)) => Self::on_server(&form, &space)?,
            _ => {
                let usage = "use --folder PATH, or --form FORM with --space NAME";
                return Err(invalid(usage.to_owned()));
            }
        };
        Ok((location, others))
    }

    fn on_server(form: &OsStr, space: &OsStr) -> Result<Self, LocationError> {
        let Some(space) = space.to_str().filter(|space| is_space(space)) else {
            let rule = "1 to 32 lower-case letters, digits and _, first a letter";
            return Err(invalid(format!("--space {}: use {rule}", space.display())));
        };
        let space = space.to_owned();
        match form.to_str() {
            Some(POSTGRES_FORM) => {
                Ok(Self::Postgres { url: POSTGRES.required(POSTGRES_FORM)?, space })
            }
            Some(JETSTREAM_FORM) => {
                Ok(Self::JetStream { url: NATS.required(JETSTREAM_FORM)?, space })
            }
            _ => {
                let known = format!("use {POSTGRES_FORM} or {JETSTREAM_FORM}");
                Err(invalid(format!("--form {}: {known}", form.display())))
            }
        }
    }
}

const POSTGRES_FORM: &str = "postgres";
const JETSTREAM_FORM: &str = "jetstream";

/// Without the address, which may hold a password.
impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Embedded { folder } => f.debug_tuple("Embedded").field(folder).finish(),
            Self::Postgres { space, .. } => {
                f.debug_tuple("Postgres").field(space).finish()
            }
            Self::JetStream { space, .. } => {
                f.debug_tuple("JetStream").field(space).finish()
            }
        }
    }
}

impl Folder {
    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// A variable of the environment with the address of a server.
struct Variable {
    name: &'static str,
    begins: &'static str,
    is_address: fn(&str) -> bool,
}

impl Variable {
    /// Reads the address. An empty variable is the same as none.
    fn read(&self) -> Result<Option<String>, LocationError> {
        env::var_os(self.name).map_or(Ok(None), |value| self.parse(&value))
    }

    fn parse(&self, value: &OsStr) -> Result<Option<String>, LocationError> {
        let value = value.to_str().ok_or(LocationError::NotUtf8(self.name))?.trim();
        if value.is_empty() {
            return Ok(None);
        }
        if (self.is_address)(value) {
            return Ok(Some(value.to_owned()));
        }
        Err(LocationError::Address { name: self.name, begins: self.begins })
    }

    fn required(&self, form: &'static str) -> Result<String, LocationError> {
        let (name, begins) = (self.name, self.begins);
        self.read()?.ok_or(LocationError::NoAddress { name, form, begins })
    }
}

fn is_nats(address: &str) -> bool {
    let parsed = address.parse::<async_nats::ServerAddr>();
    matches!(scheme(address).as_str(), "nats" | "tls")
        && parsed.is_ok_and(|parsed| !parsed.host().is_empty())
}

pub(crate) fn is_postgres(address: &str) -> bool {
    matches!(scheme(address).as_str(), "postgres" | "postgresql")
        && address.parse::<PgConnectOptions>().is_ok()
}

fn scheme(address: &str) -> String {
    let scheme = address.split_once("://").map(|(scheme, _)| scheme);
    scheme.unwrap_or_default().to_ascii_lowercase()
}

fn invalid(why: String) -> LocationError {
    LocationError::Arguments(why)
}

/// The name is random: process ids repeat, and containers that share a server have the same ones.
fn new_space() -> String {
    format!("chapter_{:016x}", fastrand::u64(..))
}

/// Whether it can be a schema and the beginning of a subject, without quotes.
fn is_space(space: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    (1..=32).contains(&space.len())
        && space.starts_with(|c: char| c.is_ascii_lowercase())
        && space.chars().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<(Location, Vec<OsString>), LocationError> {
        Location::parse(arguments.iter().map(OsString::from))
    }

    #[test]
    fn the_arguments_of_a_location_lead_another_process_to_it() {
        let location = Location::temporary().expect("a folder");
        let mut arguments = vec!["crawl".into()];
        arguments.extend(location.arguments());
        arguments.push("--fast".into());
        let (found, others) = Location::parse(arguments).expect("a location");
        let Location::Embedded { folder } = &location else { panic!("{location:?}") };
        assert_eq!(found.arguments(), ["--folder".as_ref(), folder.path().as_os_str()]);
        assert_eq!(others, ["crawl", "--fast"]);
        drop(found);
        assert!(folder.path().exists(), "only its owner deletes it");
    }

    #[test]
    fn the_arguments_of_a_server_contain_no_address() {
        let (url, space) = ("nats://ann:secret@host".to_owned(), new_space());
        let locations = [
            (Location::JetStream { url: url.clone(), space: space.clone() }, "jetstream"),
            (Location::Postgres { url, space: space.clone() }, "postgres"),
        ];
        for (location, form) in locations {
            assert_eq!(location.arguments(), ["--form", form, "--space", &space]);
            assert!(!format!("{location:?}").contains("secret"), "{location:?}");
        }
    }

    #[test]
    fn arguments_that_name_no_location_are_refused_with_what_to_do() {
        for (arguments, expected) in [
            (&["--folder"][..], "--folder needs a value"),
            (&["--folder", ""], "--folder needs a value"),
            (&["--folder="], "--folder needs a value"),
            (&["--folder", "a", "--folder", "b"], "--folder is given twice"),
            (&["--folder", "a", "--space", "b"], "use --folder PATH, or --form"),
            (&["--form", "jetstream"], "use --folder PATH, or --form"),
            (&["--space", "a"], "use --folder PATH, or --form"),
            (&["--form", "kafka", "--space", "a"], "use postgres or jetstream"),
            (&["--form", "postgres", "--space", "a;b"], "1 to 32 lower-case letters"),
            (&["--form", "postgres", "--space", "1a"], "first a letter"),
        ] {
            let error = parse(arguments).map(drop).expect_err("no location").to_string();
            assert!(error.contains(expected), "{arguments:?}: {error}");
        }
    }

    #[test]
    fn an_option_may_be_one_argument_or_two() {
        let (location, others) = parse(&["--folder=a=b", "--x=y"]).expect("a location");
        assert_eq!(location.arguments(), ["--folder", "a=b"]);
        assert_eq!(others, ["--x=y"]);
    }

    #[test]
    fn an_address_is_accepted_in_every_spelling() {
        for (variable, address) in [
            (NATS, "nats://localhost"),
            (NATS, "NATS://ann:secret@localhost:4222"),
            (NATS, " tls://demo.example\n"),
            (POSTGRES, "postgres:///postgres?host=/run/postgresql"),
            (POSTGRES, "POSTGRESQL://ann@db/shop"),
        ] {
            let parsed = variable.parse(OsStr::new(address)).expect(address);
            assert_eq!(parsed.as_deref(), Some(address.trim()));
        }
        for empty in ["", " ", "\n"] {
            assert!(matches!(NATS.parse(OsStr::new(empty)), Ok(None)), "{empty:?}");
        }
    }

    #[test]
    fn a_password_is_never_part_of_an_error() {
        for (variable, address) in [
            (NATS, "http://ann:secret@host"),
            (NATS, "ann:secret@host"),
            (NATS, "nats://ann:secret@host:99999"),
            (NATS, "nats://"),
            (POSTGRES, "mysql://ann:secret@db/shop"),
            (POSTGRES, "postgres://ann:secret@db:99999/shop"),
            (POSTGRES, "postgres:ann:secret@db"),
        ] {
            let error = variable.parse(OsStr::new(address)).expect_err(address);
            let error = format!("{error} {error:?}");
            assert!(error.contains(variable.name), "{error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_variable_that_is_not_utf_8_is_named() {
        use std::os::unix::ffi::OsStrExt;
        let error = NATS.parse(OsStr::from_bytes(b"nats://\xff")).expect_err("bytes");
        assert_eq!(error.to_string(), "NATS_URL is not UTF-8");
    }

    #[test]
    fn two_namespaces_have_two_names_that_a_child_accepts() {
        let (a, b) = (new_space(), new_space());
        assert_ne!(a, b);
        assert!(is_space(&a), "{a}");
    }
}
