//! A request is repeated until it has an answer, so it must be idempotent.

use std::sync::Arc;

use serde::{Serialize, de::DeserializeOwned};

use super::{
    connection::Connection,
    failure::{ApiError, Failed},
    link::Link,
    rounds::Rounds,
};

impl Link {
    /// Asks JetStream itself.
    pub(super) async fn ask<T: DeserializeOwned>(
        &self,
        what: String,
        body: &(impl Serialize + Sync),
    ) -> Result<T, ApiError> {
        let what = &what;
        self.repeat(|connection| async move { connection.ask(what.clone(), body).await })
            .await
    }

    /// Makes attempts until one has an answer, or until the time for a restart is over.
    pub(super) async fn repeat<T, F>(
        &self,
        attempt: impl Fn(Arc<Connection>) -> F,
    ) -> Result<T, ApiError>
    where
        F: Future<Output = Result<T, Failed<ApiError>>>,
    {
        let mut rounds = Rounds::new(1, self);
        while let Some((connection, _)) = rounds.next().await {
            rounds.record(0, attempt(connection).await);
        }
        let answers = rounds.finish(ApiError::Away);
        answers.into_iter().next().expect("one request has one answer")
    }
}
