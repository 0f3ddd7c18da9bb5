//! Every error response of the application has the same JSON fields, so that a program can read it.
//!
//! The format is RFC 9457, `application/problem+json`. The cause goes only to the log: it does not
//! help the client, and would show it the internals of the server.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    extract::rejection::{JsonRejection, PathRejection},
    http::{
        HeaderValue, StatusCode,
        header::{CONTENT_TYPE, RETRY_AFTER},
    },
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::{repository::StoreError, service::UserError};

// ANCHOR: problem
/// A status, one sentence for a human, and when to try again, if that can help.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    detail: String,
    retry_after: Option<Duration>,
    cause: Option<Cause>,
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = json!({
            "type": "about:blank",
            "title": self.status.canonical_reason(),
            "status": self.status.as_u16(),
            "detail": self.detail,
        });
        let mut response = (self.status, Json(body)).into_response();
        let headers = response.headers_mut();
        headers
            .insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(wait) = self.retry_after {
            headers.insert(RETRY_AFTER, whole_seconds(wait).into());
        }
        if let Some(cause) = self.cause {
            response.extensions_mut().insert(cause);
        }
        response
    }
}
// ANCHOR_END: problem

/// The cause of a problem, for the log only.
#[derive(Clone, Debug)]
pub(crate) struct Cause(pub(crate) Arc<str>);

impl Problem {
    pub(crate) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), retry_after: None, cause: None }
    }

    /// The server cannot handle the request now: `503`.
    pub(crate) fn busy(detail: &str, retry_after: Duration) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, detail).retry_after(retry_after)
    }

    /// A bug in the server: `500`.
    pub(crate) fn bug() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "the server failed to handle the request",
        )
    }

    pub(crate) fn retry_after(self, wait: Duration) -> Self {
        Self { retry_after: Some(wait), ..self }
    }

    fn with_cause(self, error: UserError) -> Self {
        let chain = format!("{:#}", anyhow::Error::from(error));
        Self { cause: Some(Cause(chain.into())), ..self }
    }
}

/// `Retry-After` has whole seconds only. If it were rounded down, a client would retry too early.
fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

impl From<UserError> for Problem {
    fn from(error: UserError) -> Self {
        match &error {
            UserError::Unknown(_) => Self::new(StatusCode::NOT_FOUND, error.to_string()),
            UserError::Taken(_) => Self::new(StatusCode::CONFLICT, error.to_string()),
            UserError::Store(StoreError::Busy(_)) => {
                Self::busy("the store of users is busy", Duration::from_secs(1))
                    .with_cause(error)
            }
            UserError::Store(StoreError::Broken(_)) => Self::bug().with_cause(error),
        }
    }
}

impl From<PathRejection> for Problem {
    fn from(rejection: PathRejection) -> Self {
        Self::new(rejection.status(), rejection.body_text())
    }
}

impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Self {
        Self::new(rejection.status(), rejection.body_text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_rounded_up() {
        let wait = |millis| whole_seconds(Duration::from_millis(millis));
        assert_eq!([wait(1), wait(1000), wait(1001)], [1, 1, 2]);
    }
}
