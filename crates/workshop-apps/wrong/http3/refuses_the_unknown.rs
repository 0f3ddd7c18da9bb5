//! A body without an announced length is refused unread.
//! message: Before that, it may be a cover.

use async_kit::{Lane, Millis, exercise, say};
use tokio::{join, time::sleep};

#[derive(Debug, PartialEq)]
struct TooBig;

async fn read(mut response: Response, limit: usize) -> Result<Vec<u8>, TooBig> {
    if response.announced().ok_or(TooBig)? > limit {
        return Err(TooBig);
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await {
        body.extend(chunk);
        if body.len() > limit {
            return Err(TooBig);
        }
    }
    Ok(body)
}

/// A fake response of a server: do not change it. A chunk has 1000 bytes.
struct Response {
    announced: Option<usize>,
    chunks: usize,
    received: usize,
}

impl Response {
    fn new(announced: Option<usize>, chunks: usize) -> Self {
        Self { announced, chunks, received: 0 }
    }

    /// The length that the server announces in `Content-Length`, if it does. It may be false.
    fn announced(&self) -> Option<usize> {
        self.announced
    }

    /// The next chunk of the body, or `None` at its end.
    async fn chunk(&mut self) -> Option<Vec<u8>> {
        if self.received == self.chunks {
            return None;
        }
        sleep(10.ms()).step("receiving").await;
        self.received += 1;
        Some(vec![0; 1000])
    }
}

fn main() {
    exercise::show(async {
        join!(
            read(Response::new(Some(3000), 3), 3000).try_lane("cover"),
            read(Response::new(Some(20_000), 20), 3000).try_lane("film"),
            read(Response::new(None, 20), 3000).try_lane("radio"),
            read(Response::new(Some(90), 20), 3000).try_lane("liar"),
        )
        .0
        .map(|body| body.len())
    });
}
