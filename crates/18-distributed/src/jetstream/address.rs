//! Of an address only the host and the port are ever printed, because the rest may hold a password.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_nats::{
    Auth, AuthError, Client, ConnectError, ConnectOptions, ServerAddr, rustls,
};
use percent_encoding::percent_decode_str;

use crate::BrokerError;

/// How long the connection to one server may take.
const CONNECT: Duration = Duration::from_secs(2);

/// After this time without any data from the server, the client sends a ping. The connection counts as
/// broken when two pings have no answer.
const PING: Duration = Duration::from_secs(2);

/// Where the server is, and how this process proves its identity.
pub(super) struct Address {
    server: ServerAddr,
    auth: Auth,
    /// Host and port.
    pub(super) shown: String,
}

impl Address {
    pub(super) fn parse(url: &str) -> Result<Self, BrokerError> {
        let unclear = || {
            let expected = "one such as nats://127.0.0.1:4222";
            BrokerError::Connection(format!(
                "this is no address of a NATS server: NATS_URL must be {expected}"
            ))
        };
        let given = url.trim().parse::<ServerAddr>().map_err(|_| unclear())?;
        let server = without_auth(&given).ok_or_else(unclear)?;
        let shown = format!("{}:{}", server.host(), server.port());
        Ok(Self { server, auth: auth(&given), shown })
    }

    /// Connects once. If the connection breaks, it ends, with all that waits for an answer from it and all
    /// that was not sent yet.
    ///
    /// The client would reconnect by itself, and then send what was not sent yet: behind a gap of lost
    /// messages, which [`publish`](crate::Queue::publish) could only fill in the wrong order.
    pub(super) async fn connect(&self) -> Result<Client, ConnectError> {
        choose_cryptography();
        let is_connected = Arc::new(AtomicBool::new(false));
        let (auth, is_over) = (self.auth.clone(), Arc::clone(&is_connected));
        let authenticate = move |_nonce| {
            let auth = match is_over.load(Ordering::Relaxed) {
                true => Err(AuthError::new("a new connection replaces this one")),
                false => Ok(auth.clone()),
            };
            std::future::ready(auth)
        };
        let client = ConnectOptions::with_auth_callback(authenticate)
            .connection_timeout(CONNECT)
            .ping_interval(PING)
            .max_reconnects(1)
            .ignore_discovered_servers()
            .connect(self.server.clone())
            .await?;
        is_connected.store(true, Ordering::Relaxed);
        Ok(client)
    }
}

/// With a user alone it is a token, as other clients of NATS have it.
fn auth(server: &ServerAddr) -> Auth {
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let (user, password) = (server.username(), server.password());
    let mut auth = Auth::new();
    match (user.map(decoded), password.map(decoded)) {
        (token, None) => auth.token = token,
        (user, password) => (auth.username, auth.password) = (user, password),
    }
    auth
}

/// The client logs the address that it connects to.
fn without_auth(server: &ServerAddr) -> Option<ServerAddr> {
    let mut url = server.clone().into_inner();
    url.set_username("").ok()?;
    url.set_password(None).ok()?;
    // Without the feature `websockets` the client would speak plain NATS to an address of `ws`.
    let is_known = matches!(url.scheme(), "nats" | "tls");
    let server = ServerAddr::from_url(url).ok()?;
    (is_known && !server.host().is_empty()).then_some(server)
}

/// If a build has two providers of cryptography for TLS, `rustls` panics unless one is chosen.
fn choose_cryptography() {
    use rustls::crypto::{CryptoProvider, ring};
    if CryptoProvider::get_default().is_none() {
        // An error means that another thread has chosen meanwhile.
        ring::default_provider().install_default().ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_its_password() {
        let address = Address::parse("nats://ada:s3cr%40t@one").unwrap();
        assert_eq!(address.shown, "one:4222");
        assert!(!format!("{:?}", address.server).contains("s3cr"));
        assert_eq!(address.auth.username.as_deref(), Some("ada"));
        assert_eq!(address.auth.password.as_deref(), Some("s3cr@t"));
    }

    #[test]
    fn a_user_without_a_password_is_a_token() {
        let address = Address::parse("nats://t0k3n@one").unwrap();
        assert_eq!(address.auth.token.as_deref(), Some("t0k3n"));
        assert_eq!(address.auth.username, None);
    }

    #[test]
    fn a_wrong_address_is_refused_and_not_repeated() {
        let wrong = [
            "",
            "nats://",
            "http://u:s3cr3t@x",
            "ws://s3cr3t@x",
            "s3cr3t@:x:y",
            "nats://u:s3cr3t@",
        ];
        for url in wrong {
            let refused = Address::parse(url).err().expect(url).to_string();
            assert!(refused.contains("nats://127.0.0.1:4222"), "{url}: {refused}");
            assert!(!refused.contains("s3cr3t"), "{refused}");
        }
    }
}
