//! The whole command line is checked before anything is fetched.
#![cfg(not(target_family = "wasm"))]

use std::{ffi::OsStr, num::NonZeroUsize, path::PathBuf, time::Duration};

use clap::{
    Arg, Command, Parser,
    builder::{StringValueParser, TypedValueParser},
    error::ErrorKind,
};
use crawler::{Address, Config, FetchLimits, Limits};

/// Crawls a site, breadth first, politely and within limits. Without a URL it
/// crawls a small site that it serves itself.
///
/// It never requests pages of other sites or pages that robots.txt forbids. Ctrl-C
/// finishes the requests in flight; a second Ctrl-C stops them. A crawl with --out
/// can be continued, even after a crash: run it again with --resume.
///
/// This is also a chapter of a book. --list shows its sections, and the name of a
/// section runs it.
#[derive(Debug, Parser)]
#[command(name = "crawler", version, verbatim_doc_comment, next_line_help = true)]
pub(crate) struct Cli {
    /// Where to start, such as https://example.org/; several are allowed
    #[arg(value_name = "URL", value_parser = AddressParser)]
    pub(crate) starts: Vec<Address>,
    /// How many links a page may be away from the start
    #[arg(long, value_name = "N", default_value_t = 2)]
    max_depth: u32,
    /// How many new addresses of its site a page may add; all by default
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    max_links: Option<NonZeroUsize>,
    /// How many pages to fetch
    #[arg(long, value_name = "N", default_value = "20", value_parser = at_least_one)]
    max_pages: NonZeroUsize,
    /// How many requests may be in flight at the same time
    #[arg(long, value_name = "N", default_value = "10", value_parser = at_least_one)]
    concurrency: NonZeroUsize,
    /// How many requests to the same site may be in flight
    #[arg(long, value_name = "N", default_value = "4", value_parser = at_least_one)]
    per_host: NonZeroUsize,
    /// The minimum time between two requests to a site, in ms
    #[arg(long, value_name = "MS", default_value_t = 0)]
    delay_ms: u64,
    /// How long to wait for a whole response, in ms
    #[arg(long, value_name = "MS", default_value_t = 10_000)]
    timeout_ms: u64,
    /// Larger pages are skipped
    #[arg(long, value_name = "BYTES", default_value_t = 5_000_000)]
    max_bytes: u64,
    /// A folder for the pages, and for the state that --resume needs
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// A JSON file for the report: every address, its outcome and the reason
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Continue the crawl in the --out folder, if it contains one
    #[arg(long, requires = "out")]
    resume: bool,
}

/// The message of clap's own parser repeats the value, which may contain a password.
#[derive(Clone)]
struct AddressParser;

impl TypedValueParser for AddressParser {
    type Value = Address;

    fn parse_ref(
        &self,
        command: &Command,
        arg: Option<&Arg>,
        value: &OsStr,
    ) -> Result<Address, clap::Error> {
        let text = StringValueParser::new().parse_ref(command, arg, value)?;
        let refused = |why| command.clone().error(ErrorKind::ValueValidation, why);
        Address::parse(&text).map_err(refused)
    }
}

fn at_least_one(text: &str) -> Result<NonZeroUsize, String> {
    text.parse().map_err(|_| "it must be a whole number, at least 1".into())
}

impl Cli {
    pub(crate) fn config(self) -> Config {
        Config {
            limits: Limits {
                max_depth: self.max_depth,
                max_links: self.max_links,
                max_pages: self.max_pages,
                concurrency: self.concurrency,
                per_host: self.per_host,
                delay: Duration::from_millis(self.delay_ms),
                ..Limits::default()
            },
            fetch_limits: FetchLimits {
                timeout: Duration::from_millis(self.timeout_ms),
                max_bytes: self.max_bytes,
            },
            out: self.out,
            report: self.report,
            resume: self.resume,
            ..Config::new(self.starts)
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    /// The help is not wrapped, so a terminal would break a longer line within a word.
    #[test]
    fn no_line_of_the_help_is_longer_than_80_columns() {
        let mut command = Cli::command();
        for help in [command.render_help(), command.render_long_help()] {
            let help = help.to_string();
            let longest = help.lines().max_by_key(|line| line.chars().count());
            let longest = longest.expect("a line");
            assert!(longest.chars().count() <= 80, "{longest}");
        }
    }

    #[test]
    fn invalid_arguments_are_refused_with_the_reason() {
        for (arguments, why) in [
            (["example.org", "--max-pages=1"], "is not an address"),
            (
                ["ftp://example.org", "--max-pages=1"],
                "must begin with http:// or https://",
            ),
            (["http://ada:secret@h:x/", "--max-pages=1"], "…@h:x/"),
            (["http://h/", "--concurrency=0"], "at least 1"),
            (["http://h/", "--per-host=0"], "at least 1"),
            (["http://h/", "--max-links=0"], "at least 1"),
            (["http://h/", "--max-pages=none"], "at least 1"),
            (["http://h/", "--fastest"], "--fastest"),
            (["http://h/", "--resume"], "--out"),
        ] {
            let refused = Cli::try_parse_from(["crawler"].into_iter().chain(arguments));
            let error = refused.expect_err("invalid arguments").to_string();
            assert!(error.contains(why), "{arguments:?}: {error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
