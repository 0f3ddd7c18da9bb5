//! A value that implements `IntoFuture` can be awaited directly.
//!
//! Python: a class with `__await__`. Rust: `.await` calls `IntoFuture::into_future` implicitly.
//! Builders implement it, so that a request needs no `.send()` at its end.

use std::time::Duration;

use async_kit::{Lane, Millis, say};
use futures::future::BoxFuture;
use tokio::time::sleep;

/// One request with the default delay, and one with a shorter delay.
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
    fn an_awaited_request_runs_with_its_options() {
        virtual_time(async {
            Transcript::of(run()).await.assert_lines([
                "[  0.100s] /slow answered after 100 ms",
                "[  0.150s] /quick answered after 50 ms",
            ]);
        });
    }
}
