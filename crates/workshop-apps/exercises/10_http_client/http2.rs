//! http2 · 10 minutes · give each of many downloads its own result, three at a time
//!
//! A reading list downloads the pages of eight authors. The page of one author is gone, and another
//! one breaks off: then the program has no page at all. It also sends all requests at the same time.
//! Change `download_all`: it returns one result for each URL, in the order of the URLs, with at most
//! three requests in flight.
//!
//! Section: `cargo run -p http-client -- pages`. Code: crates/10-http-client/src/pages.rs.
//! Page: docs/src/10-http-client.md.

use async_kit::{Lane, exercise, lab::Lab, say};
use futures::future::try_join_all;
use reqwest::Client;

type Page = reqwest::Result<String>;

async fn download_all(client: Client, urls: Vec<String>) -> Vec<Page> {
    // TODO: three at a time, and a result for each of them.
    match try_join_all(urls.into_iter().map(|url| download(client.clone(), url))).await {
        Ok(pages) => pages.into_iter().map(Ok).collect(),
        Err(error) => vec![Err(error)],
    }
}

/// One page: do not change it.
async fn download(client: Client, url: String) -> Page {
    let author = url.rsplit('=').next().unwrap_or_default().to_owned();
    let page = async {
        let response = client.get(&url).send().await?.error_for_status()?;
        response.text().await
    };
    page.step("download").try_lane(author).await
}

/// The first page is slow, the page of Cid is gone, and that of Eve breaks off.
const PATHS: [&str; 8] = [
    "/delay/300?author=ann",
    "/users/2?author=bob",
    "/status/404?author=cid",
    "/users/4?author=dan",
    "/reset?author=eve",
    "/users/6?author=fay",
    "/users/7?author=gus",
    "/users/8?author=hal",
];

async fn run() -> anyhow::Result<Vec<Page>> {
    let lab = Lab::start().await?;
    let client = Client::builder().no_proxy().build()?;
    let pages = download_all(client, PATHS.map(|path| lab.url(path)).into()).await;
    say!("{} of {} pages are here", pages.iter().flatten().count(), PATHS.len());
    say!("the server counted {} requests", lab.stats().requests);
    Ok(pages)
}

fn main() {
    exercise::show_in_real_time(async { run().await.map(drop) });
}

#[cfg(test)]
mod tests {
    use async_kit::exercise;

    use super::{PATHS, run};

    #[test]
    fn three_at_a_time_each_with_its_own_result() {
        let run = exercise::observe_in_real_time(run());
        let pages = run.output().as_ref().expect("the server is on this machine");
        let plural = if pages.len() == 1 { "" } else { "s" };
        let happened = format!("{} result{plural} for {} URLs", pages.len(), PATHS.len());
        let likely = match pages.len() {
            6 => {
                "The errors are left out. An error is a result too: keep it in its position."
            }
            _ => "One error ends the work for all pages, as in `gather`.",
        };
        run.require(
            pages.len() == PATHS.len(),
            happened,
            "a result for each URL, `Ok` or `Err`",
            likely,
        );
        let mistake = "Nothing limits how many downloads have begun.";
        run.never_more_than("download", 3, mistake);
        let mistake = "Three downloads never run at the same time.";
        run.concurrently("download", 3, mistake);
        let of_author = PATHS.iter().map(|path| path.rsplit('=').next().unwrap());
        let failed = of_author.zip(pages).filter(|(_, page)| page.is_err());
        let failed: Vec<_> = failed.map(|(author, _)| author).collect();
        run.require(
            failed == ["cid", "eve"],
            format!("in the order of the URLs, `Err` is the result of {failed:?}"),
            r#"of ["cid", "eve"], and `Ok` of all others"#,
            "The results have the order in which the pages arrived, or a page is lost.",
        );
    }
}
