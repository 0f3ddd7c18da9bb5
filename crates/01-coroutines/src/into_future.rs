//! A value that knows how to become a future can be awaited as it is.
//!
//! Python: a class with `__await__`. Rust: `IntoFuture`, which `.await` calls by itself. Builders
//! use it, so that a request reads as one sentence and needs no `.send()` at its end.

use std::time::Duration;

use async_kit::{Lane, Millis, say};
use futures::future::BoxFuture;
use tokio::time::sleep;

/// One request as it comes, one with its option set.
pub(crate) async fn run() -> anyhow::Result<()> {
    say!("{}", Request::to("/slow").await);
    say!("{}", Request::to("/quick").taking(50.ms()).await);
    Ok(())
}

// ANCHOR: into_future
#[must_use = "a request is not sent until it is awaited"]
struct Request {
    path: &'static str,
    takes: Duration,
}

impl Request {
    fn to(path: &'static str) -> Self {
        Self { path, takes: 100.ms() }
    }

    fn taking(self, takes: Duration) -> Self {
        Self { takes, ..self }
    }
}

impl IntoFuture for Request {
    type Output = String;
    type IntoFuture = BoxFuture<'static, String>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            sleep(self.takes).step("waiting for the answer").lane(self.path).await;
            format!("{} answered after {} ms", self.path, self.takes.as_millis())
        })
    }
}
// ANCHOR_END: into_future

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    #[test]
    fn a_request_runs_when_it_is_awaited_with_the_options_it_was_given() {
        virtual_time(async {
            Transcript::of(run()).await.assert_lines([
                "[  0.100s] /slow answered after 100 ms",
                "[  0.150s] /quick answered after 50 ms",
            ]);
        });
    }
}
