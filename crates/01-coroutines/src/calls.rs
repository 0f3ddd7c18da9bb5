//! An async fn awaits another and returns a plain value, and `?` returns an error to the caller.
//!
//! asyncio: `await fetch(…)` returns any object, or raises. Here the value and the error both have a
//! type, so the caller cannot read a field that does not exist. A value that is not a future
//! cannot be awaited: Rust does not compile the `.await` (`wrong/await_a_value.rs`), and Python
//! raises a `TypeError`.

use anyhow::ensure;
use async_kit::{Millis, say};
use tokio::time::sleep;

/// Two calls; the second one fails.
pub(crate) async fn run() -> anyhow::Result<()> {
    say!("{}", title("https://example.org").await?);
    match title("ftp://example.org").await {
        Ok(title) => say!("{title}"),
        Err(error) => say!("no title: {error}"),
    }
    Ok(())
}

// ANCHOR: calls
struct Page {
    url: String,
    text: String,
}

async fn fetch(url: &str) -> anyhow::Result<Page> {
    say!("fetching {url}");
    sleep(100.ms()).await;
    ensure!(url.starts_with("https://"), "{url} does not start with https://");
    Ok(Page { url: url.to_owned(), text: "some data".to_owned() })
}

async fn title(url: &str) -> anyhow::Result<String> {
    let page = fetch(url).await?;
    Ok(format!("{}: {}", page.url, page.text))
}
// ANCHOR_END: calls

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    #[test]
    fn a_call_returns_its_value_or_its_error_when_its_wait_ends() {
        virtual_time(async {
            Transcript::of(run()).await.assert_lines([
                "[  0.000s] fetching https://example.org",
                "[  0.100s] https://example.org: some data",
                "[  0.100s] fetching ftp://example.org",
                "[  0.200s] no title: ftp://example.org does not start with https://",
            ]);
        });
    }
}
