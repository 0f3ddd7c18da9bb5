//! A broken connection is replaced when the next operation needs one.

use std::{error::Error, io, sync::Arc, time::Duration};

use async_nats::{ConnectError, ConnectErrorKind, rustls};
use tokio::{
    sync::Mutex,
    time::{Instant, sleep, timeout_at},
};

use super::{address::Address, connection::Connection, failure::JETSTREAM_IS_OFF};
use crate::BrokerError;

/// For how long a new process tries to reach its server: a wrong address should be reported soon.
const FIRST: Duration = Duration::from_secs(2);

/// The pause between two attempts. Arbitrary: short, so that a restarted server is found soon.
pub(super) const PAUSE: Duration = Duration::from_millis(50);

/// The way to the server, over one connection after the other.
pub(super) struct Link {
    address: Address,
    pub(super) reconnect_timeout: Duration,
    current: Mutex<Option<Arc<Connection>>>,
}

impl Link {
    pub(super) async fn open(
        address: Address,
        reconnect_timeout: Duration,
    ) -> Result<Self, BrokerError> {
        let link = Self { address, reconnect_timeout, current: Mutex::new(None) };
        let connection = link.connection(Instant::now() + FIRST).await?;
        link.check_server(&connection)?;
        Ok(link)
    }

    fn check_server(&self, connection: &Connection) -> Result<(), BrokerError> {
        let client = &connection.client;
        if !client.is_server_compatible(2, 9, 0) {
            let version = client.server_info().version;
            return Err(BrokerError::Unsupported(format!(
                "the NATS server at {} has version {version}: install 2.9 or later",
                self.address.shown
            )));
        }
        if !client.server_info().jetstream {
            return Err(BrokerError::Unsupported(JETSTREAM_IS_OFF.to_owned()));
        }
        Ok(())
    }

    /// The current connection, or a new one.
    pub(super) async fn connection(
        &self,
        deadline: Instant,
    ) -> Result<Arc<Connection>, BrokerError> {
        let current = timeout_at(deadline, self.current.lock()).await;
        let mut current = current.map_err(|_| self.away("another task tries to"))?;
        if let Some(connection) = current.as_ref().filter(|it| it.is_alive()) {
            return Ok(Arc::clone(connection));
        }
        *current = None;
        let new = Arc::new(self.connect(deadline).await?);
        *current = Some(Arc::clone(&new));
        Ok(new)
    }

    async fn connect(&self, deadline: Instant) -> Result<Connection, BrokerError> {
        let mut why = "the time is over".to_owned();
        loop {
            match timeout_at(deadline, self.address.connect()).await {
                Ok(Ok(client)) => match Connection::new(client).await {
                    Ok(connection) => return Ok(connection),
                    Err(error) => why = error.to_string(),
                },
                Ok(Err(error)) => match self.refused(&error) {
                    Some(refused) => return Err(refused),
                    None => why = error.to_string(),
                },
                // The reason of the attempt before is more precise.
                Err(_) => {}
            }
            if Instant::now() + PAUSE >= deadline {
                return Err(self.away(&why));
            }
            sleep(PAUSE).await;
        }
    }

    fn away(&self, why: &str) -> BrokerError {
        let shown = &self.address.shown;
        let what = format!("no NATS server answers at {shown}: {why}");
        BrokerError::Connection(format!(
            "{what}. Start one with `nats-server -js`, or correct or unset NATS_URL"
        ))
    }

    /// Whether every later attempt would fail too.
    fn refused(&self, error: &ConnectError) -> Option<BrokerError> {
        let shown = &self.address.shown;
        let why = match error.kind() {
            ConnectErrorKind::AuthorizationViolation
            | ConnectErrorKind::Authentication => format!(
                "the NATS server at {shown} refuses this user: check the user and the password, or the \
                 token, in NATS_URL"
            ),
            ConnectErrorKind::Tls => {
                format!("no TLS with the NATS server at {shown}: {error}")
            }
            _ if is_tls(error) => format!(
                "the NATS server at {shown} requires TLS, and its certificate is not accepted: {error}"
            ),
            _ => return None,
        };
        Some(BrokerError::Connection(why))
    }
}

fn is_tls(error: &ConnectError) -> bool {
    let source = error.source().and_then(|source| source.downcast_ref::<io::Error>());
    let inner = source.and_then(io::Error::get_ref);
    inner.is_some_and(|inner| inner.is::<rustls::Error>())
}
