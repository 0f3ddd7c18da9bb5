//! http3 · 10 minutes · read the body of a response up to a limit
//!
//! A podcast player loads the cover of each episode. A cover has at most 3000 bytes, but a link may lead
//! to a film, to a radio station that never stops, or to a server that announces a small file and sends a
//! large one. `read` takes all of that into memory. Return `TooBig` as early as it is known that
//! the body is longer than the limit: a chunk that is not needed is not received.
//!
//! Section: `cargo run -p http-client -- body`. Code: crates/10-http-client/src/body.rs.
//! Page: docs/src/10-http-client.md.

use async_kit::{Lane, Millis, exercise, say};
use tokio::{join, time::sleep};

#[derive(Debug, PartialEq)]
struct TooBig;

// TODO: refuse a body that is longer than the limit.
async fn read(mut response: Response, limit: usize) -> Result<Vec<u8>, TooBig> {
    say!("announced: {:?}", response.announced());
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await {
        body.extend(chunk);
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

#[cfg(test)]
mod tests {
    use async_kit::{Lane, Millis, exercise};

    use super::{Response, TooBig, read};

    /// The length of the body, of which a cover has at most 3000 bytes.
    fn observed(
        lane: &'static str,
        response: Response,
    ) -> exercise::Observed<Result<usize, TooBig>> {
        exercise::observe(
            async move { read(response, 3000).await.map(|body| body.len()) }.lane(lane),
        )
    }

    #[test]
    fn a_body_of_exactly_the_limit_is_read() {
        let run = observed("cover", Response::new(Some(3000), 3));
        run.returns(Ok(3000), "A body as long as the limit is not too long.");
    }

    #[test]
    fn an_announced_length_is_refused_before_the_first_chunk() {
        let run = observed("film", Response::new(Some(20_000), 20));
        run.takes(
            0.ms(),
            "The announced length is known before the first chunk arrives.",
        );
        run.returns(Err(TooBig), "A film is not a cover.");
    }

    #[test]
    fn a_body_without_an_announced_length_is_read_up_to_the_limit() {
        let run = observed("radio", Response::new(None, 20));
        let mistake = "A body without `Content-Length` may have any length, so its bytes must be \
                       counted. Part of a cover is not a cover.";
        run.returns(Err(TooBig), mistake);
        run.takes(
            40.ms(),
            "The fourth chunk shows that the body is too long: count each chunk. Before that, it may \
             be a cover.",
        );
    }

    #[test]
    fn an_announced_length_is_not_trusted() {
        let run = observed("liar", Response::new(Some(90), 20));
        let mistake = "The server announces 90 bytes and sends 20,000: count them.";
        run.takes(40.ms(), mistake);
        run.returns(Err(TooBig), mistake);
    }
}
