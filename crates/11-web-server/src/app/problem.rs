//! Every refusal is a problem that a program can read: the same few fields, whatever went wrong.
//!
//! RFC 9457, `application/problem+json`. The cause goes to the log and never to the client, whom
//! it would teach more about the inside of the server than about its own mistake.

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
/// A status, one sentence for a human, and when to come back, if that helps.
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

/// What the log says of a problem, and the client is not told.
#[derive(Clone, Debug)]
pub(crate) struct Cause(pub(crate) Arc<str>);

impl Problem {
    pub(crate) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), retry_after: None, cause: None }
    }

    /// The server cannot do it now: `503`.
    pub(crate) fn busy(detail: &str, retry_after: Duration) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, detail).retry_after(retry_after)
    }

    /// A bug of ours: `500`.
    pub(crate) fn bug() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "this is our fault, not yours")
    }

    pub(crate) fn retry_after(self, wait: Duration) -> Self {
        Self { retry_after: Some(wait), ..self }
    }

    fn because(self, error: UserError) -> Self {
        let chain = format!("{:#}", anyhow::Error::from(error));
        Self { cause: Some(Cause(chain.into())), ..self }
    }
}

/// `Retry-After` knows whole seconds only; rounded down, a client would come back too early.
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
                    .because(error)
            }
            UserError::Store(StoreError::Broken(_)) => Self::bug().because(error),
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
    fn a_client_is_never_told_to_come_back_too_early() {
        let wait = |millis| whole_seconds(Duration::from_millis(millis));
        assert_eq!([wait(1), wait(1000), wait(1001)], [1, 1, 2]);
    }
}
