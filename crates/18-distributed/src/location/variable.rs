//! The address of a server comes from the environment, which other users of the machine cannot see.

use std::{env, ffi::OsStr};

use sqlx::postgres::PgConnectOptions;

use super::LocationError;

pub(super) const NATS: Variable =
    Variable { name: "NATS_URL", begins: "nats://", is_address: is_nats };
pub(super) const POSTGRES: Variable =
    Variable { name: "DATABASE_URL", begins: "postgres://", is_address: is_postgres };

/// A variable of the environment with the address of a server.
pub(super) struct Variable {
    name: &'static str,
    begins: &'static str,
    is_address: fn(&str) -> bool,
}

impl Variable {
    /// Reads the address. An empty variable is the same as none.
    pub(super) fn read(&self) -> Result<Option<String>, LocationError> {
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

    pub(super) fn required(&self, form: &'static str) -> Result<String, LocationError> {
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
