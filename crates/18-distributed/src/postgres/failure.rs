//! If the server reports an error, nothing was stored; if it does not answer, the statement may be stored.

use std::{fmt, time::Duration};

use sqlx::{error::DatabaseError, postgres::PgConnectOptions};

use super::database::RECONNECT_TIMEOUT;
use crate::{AppendError, BrokerError, PublishError};

/// Why a statement failed. It repeats nothing of the address but host and port.
#[derive(Clone, Debug)]
pub(super) enum Failure {
    /// No answer came, so the statement may have been executed or not.
    Away(String),
    /// The server does not accept this client.
    Denied(String),
    /// The server has no room left on its disk, and has rolled the statement back.
    StoreFull,
    /// The server has rolled the statement back for another reason.
    Refused(String),
}

impl Failure {
    pub(super) fn of(error: &sqlx::Error, server: &str) -> Self {
        match error {
            sqlx::Error::Database(error) => Self::reported(&**error, server),
            sqlx::Error::PoolTimedOut => Self::no_answer(server, RECONNECT_TIMEOUT),
            sqlx::Error::Io(error) => Self::unreachable(server, error),
            error if is_away(error) => Self::unreachable(server, error),
            error => {
                Self::Denied(format!("PostgreSQL at {server} cannot be used: {error}"))
            }
        }
    }

    fn unreachable(server: &str, why: impl fmt::Display) -> Self {
        Self::Away(format!(
            "PostgreSQL at {server} cannot be reached: {why}. Start it, or correct DATABASE_URL"
        ))
    }

    pub(super) fn no_answer(server: &str, within: Duration) -> Self {
        Self::Away(format!(
            "PostgreSQL at {server} has not answered within {within:?}. \
             Start it, or correct DATABASE_URL"
        ))
    }

    /// The codes are in the appendix "PostgreSQL Error Codes" of its manual.
    fn reported(error: &dyn DatabaseError, server: &str) -> Self {
        let code = error.code().unwrap_or_default();
        // `Display` of the error would also name a line of the server's source code.
        let message = error.message();
        match &*code {
            code if means_away(code) => Self::Away(format!(
                "PostgreSQL at {server} is not available: {message}. Try again later"
            )),
            "28P01" | "28000" | "3D000" => Self::Denied(format!(
                "PostgreSQL at {server} refuses this client: {message}. Correct DATABASE_URL"
            )),
            "53100" => Self::StoreFull,
            "42501" => Self::Refused(format!(
                "{message}. The user of DATABASE_URL needs the right CREATE on the database"
            )),
            "3F000" | "42P01" | "42883" => Self::Refused(format!(
                "{message}. The namespace was removed while it was used"
            )),
            _ => Self::Refused(message.to_owned()),
        }
    }

    pub(super) fn publish_error(&self) -> PublishError {
        match self {
            Self::Away(message) => PublishError::Unknown(message.clone()),
            Self::StoreFull => PublishError::StoreFull,
            Self::Denied(message) | Self::Refused(message) => {
                PublishError::Refused(message.clone())
            }
        }
    }

    pub(super) fn broker_error(&self) -> BrokerError {
        match self {
            Self::Away(message) | Self::Denied(message) => {
                BrokerError::Connection(message.clone())
            }
            Self::StoreFull => {
                BrokerError::Server("PostgreSQL has no room left on its disk".to_owned())
            }
            Self::Refused(message) => BrokerError::Server(message.clone()),
        }
    }
}

impl From<Failure> for BrokerError {
    fn from(failure: Failure) -> Self {
        failure.broker_error()
    }
}

impl From<Failure> for AppendError {
    fn from(failure: Failure) -> Self {
        Self::Broker(failure.broker_error())
    }
}

/// Whether the server did not answer. A later attempt may succeed.
pub(super) fn is_away(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(error) => means_away(&error.code().unwrap_or_default()),
        // After a broken protocol nothing that the connection brings can be trusted.
        sqlx::Error::Io(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::Protocol(_)
        | sqlx::Error::WorkerCrashed => true,
        _ => false,
    }
}

/// Whether the server has rolled the statement back only because another one was in its way: a deadlock,
/// or a conflict of two transactions.
pub(super) fn is_rolled_back(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(DatabaseError::code);
    matches!(code.as_deref(), Some("40P01" | "40001"))
}

/// Too many connections, a server that starts or stops, and a connection that it has ended.
fn means_away(code: &str) -> bool {
    matches!(code, "53300" | "57P01" | "57P02" | "57P03" | "57P05")
        || code.starts_with("08")
}

/// Host and port, or the socket.
pub(super) fn server_name(options: &PgConnectOptions) -> String {
    let port = options.get_port();
    match options.get_socket() {
        Some(folder) => format!("{}/.s.PGSQL.{port}", folder.display()),
        None => format!("{}:{port}", options.get_host()),
    }
}
