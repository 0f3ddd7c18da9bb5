//! A test works in a schema of its own, and removes it.

use std::{
    env,
    io::{Write, stderr},
    sync::{Arc, Once},
};

use async_kit::scope::{self, Release};
use distributed::{Broker, Postgres};
use sqlx::{Connection, PgConnection, raw_sql};

/// A broker on the server that `DATABASE_URL` names, and how to open it again.
pub(crate) struct Space {
    pub(crate) broker: Arc<Postgres>,
    pub(crate) url: String,
    pub(crate) name: String,
}

impl Space {
    pub(crate) async fn on(url: String) -> Self {
        let name = format!("test_{:016x}", fastrand::u64(..));
        let broker = Postgres::open(&url, &name).await.expect("a server");
        Self { broker, url, name }
    }

    /// What another process would have.
    pub(crate) async fn another(&self) -> Arc<Postgres> {
        Postgres::open(&self.url, &self.name).await.expect("the same server")
    }

    /// A session in the schema, without the broker.
    pub(crate) async fn session(&self) -> PgConnection {
        let mut session = PgConnection::connect(&self.url).await.expect("a session");
        let path = format!("SET search_path TO {}", self.name);
        raw_sql(sqlx::AssertSqlSafe(path))
            .execute(&mut session)
            .await
            .expect("the schema");
        session
    }
}

impl Release for Space {
    async fn release(self) {
        self.broker.remove().await.expect("the schema is removed");
    }
}

/// Runs a test on the server that `DATABASE_URL` names, if it is set.
pub(crate) async fn on_postgres(test: impl AsyncFnOnce(&mut Space)) {
    if let Some(url) = url() {
        scope::with(Space::on(url).await, test).await;
    }
}

/// The address of the server, without which a test has nothing to run on.
pub(crate) fn url() -> Option<String> {
    static WARNED: Once = Once::new();
    let url = env::var("DATABASE_URL").ok().filter(|url| !url.is_empty());
    if url.is_none() {
        // Not `eprintln!`: the test harness captures it, and a skipped test must be visible.
        WARNED.call_once(|| {
            let _ = writeln!(
                stderr(),
                "SKIPPED, no test of the PostgreSQL queue ran: DATABASE_URL names no server"
            );
        });
    }
    url
}
