//! An address that waits needs five times the memory of one that was seen, and more hosts cost time.
//!
//! `cargo bench -p crawler --bench frontier` shows the memory of an address in each of its states, and
//! how many addresses a frontier decides in a second. Each row is measured in processes of its own, so
//! that none finds memory that another has freed. The page "Toward internet scale" computes with these
//! figures.

use std::{
    env, fs,
    num::NonZeroUsize,
    process::Command,
    time::{Duration, UNIX_EPOCH},
};

use anyhow::Context;
use crawler::{
    Address, Fetched, Frontier, Limits, Next, Outcome, Response, Robots, Visit,
};

/// An odd number, so that the median is one of the rounds.
const ROUNDS: usize = 5;

/// How many new addresses a page links to.
const LINKS: usize = 100;

fn main() -> anyhow::Result<()> {
    let args: Vec<_> = env::args().skip(1).collect();
    match &args[..] {
        [role, row, addresses, hosts] if role == "row" => {
            let [value, peak] = measure(row, addresses.parse()?, hosts.parse()?)?;
            println!("{value} {peak}");
            Ok(())
        }
        // `cargo bench` passes `--bench`. Without it, this only checks that each row runs.
        args if args.iter().any(|arg| arg == "--bench") => {
            print_tables(1_000_000, ROUNDS)
        }
        _ => print_tables(10_000, 1),
    }
}

fn print_tables(addresses: usize, rounds: usize) -> anyhow::Result<()> {
    let length = address(0, 0).as_str().len();
    println!("{addresses} addresses of {length} bytes: bytes for each");
    println!("{:<44}{:>12}{:>12}", "", "then", "at the peak");
    for (row, description) in [
        ("pending", "found, and its level has not begun"),
        ("queued", "admitted, and waits for its request"),
        ("seen", "seen"),
    ] {
        let [bytes, peak] = in_processes(row, addresses, 1, rounds)?;
        println!("{description:<44}{bytes:>12.0}{peak:>12.0}");
    }
    let [bytes, _] = in_processes("journal", addresses, 1, 1)?;
    println!("{:<44}{bytes:>12.0}", "its line of the journal, with one new link");

    println!("\naddresses in a second of one core");
    let [parsed, _] = in_processes("parse", addresses, 1, rounds)?;
    println!("{:<44}{parsed:>12.0}", "the text of a link becomes an address");
    let [admitted, _] = in_processes("admit", addresses, 1, rounds)?;
    println!("{:<44}{admitted:>12.0}", "a level begins: its addresses are admitted");
    for hosts in [1, 10, 100, 1_000] {
        let [decided, _] = in_processes("decide", addresses / 10, hosts, rounds)?;
        println!(
            "{:<44}{decided:>12.0}",
            format!("found, admitted and done, on {hosts} hosts")
        );
    }
    println!("\nmedians of {rounds}");
    Ok(())
}

/// The median of this many processes, which is that of their first numbers.
fn in_processes(
    row: &str,
    addresses: usize,
    hosts: usize,
    rounds: usize,
) -> anyhow::Result<[f64; 2]> {
    let run = || in_process(row, addresses, hosts).with_context(|| row.to_owned());
    let mut figures = (0..rounds).map(|_| run()).collect::<anyhow::Result<Vec<_>>>()?;
    figures.sort_by(|[a, _], [b, _]| a.total_cmp(b));
    Ok(figures[rounds / 2])
}

fn in_process(row: &str, addresses: usize, hosts: usize) -> anyhow::Result<[f64; 2]> {
    let mut command = Command::new(env::current_exe()?);
    command.args(["row", row, &addresses.to_string(), &hosts.to_string()]);
    let out = command.output()?;
    let printed = String::from_utf8_lossy(&out.stdout);
    let (value, peak) = printed.trim().split_once(' ').with_context(|| {
        format!("it printed {printed:?}\n{}", String::from_utf8_lossy(&out.stderr))
    })?;
    Ok([value.parse()?, peak.parse()?])
}

fn measure(row: &str, addresses: usize, hosts: usize) -> anyhow::Result<[f64; 2]> {
    Ok(match row {
        "pending" => memory(addresses, || with_pending(addresses)),
        "queued" => memory(addresses, || {
            let mut frontier = with_pending(addresses);
            // This call admits the whole level before it returns the first page of it.
            assert!(matches!(frontier.next(now()), Next::Page(_)));
            frontier
        }),
        "seen" => memory(addresses, || {
            Frontier::new(limits(), &[address(0, 0)], (0..addresses).map(visit))
        }),
        "journal" => {
            let line = |n| Ok(serde_json::to_vec(&visit(n))?.len() + 1);
            let bytes = (0..addresses).map(line).sum::<anyhow::Result<usize>>()?;
            [bytes as f64 / addresses as f64, 0.0]
        }
        "parse" => {
            let texts: Vec<_> = (0..addresses).map(|n| text(0, n)).collect();
            let began = cpu_time();
            assert!(texts.iter().all(|text| Address::parse(text).is_ok()));
            rate(addresses, cpu_time() - began)
        }
        "admit" => {
            let mut frontier = with_pending(addresses);
            let began = cpu_time();
            assert!(matches!(frontier.next(now()), Next::Page(_)));
            rate(addresses, cpu_time() - began)
        }
        "decide" => rate(addresses / hosts * hosts, decide(addresses, hosts)),
        _ => anyhow::bail!("there is no such row"),
    })
}

fn rate(addresses: usize, took: Duration) -> [f64; 2] {
    [addresses as f64 / took.as_secs_f64(), 0.0]
}

/// The time that this process was running on a core, so that other programs change it little; on a system
/// that does not report it, the time since 1970.
fn cpu_time() -> Duration {
    let stat = fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let nanos = stat.split(' ').next().and_then(|nanos| nanos.parse().ok());
    let clock = || UNIX_EPOCH.elapsed().unwrap_or_default();
    nanos.map_or_else(clock, Duration::from_nanos)
}

/// How much the process has grown for each address: now, and at its peak.
fn memory(addresses: usize, fill: impl FnOnce() -> Frontier) -> [f64; 2] {
    let before = status_kib("VmRSS:");
    let _frontier = fill();
    let grown = |line| (status_kib(line) - before) * 1024.0 / addresses as f64;
    [grown("VmRSS:"), grown("VmHWM:")]
}

/// A number of `/proc/self/status`; 0 if the system has no such file.
fn status_kib(line: &str) -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|it| it.strip_prefix(line));
    line.and_then(|kib| kib.trim().strip_suffix(" kB")?.parse().ok()).unwrap_or_default()
}

/// A frontier whose first pages, of a first level, have linked to this many addresses of the next one.
fn with_pending(addresses: usize) -> Frontier {
    let pages = addresses.div_ceil(LINKS);
    let mut frontier = started(&[address(0, 0)]);
    // The start links to the pages of the first level, which come last in the site.
    finish_next(&mut frontier, (0..pages).map(|n| address(0, addresses + 1 + n)));
    for first in (0..addresses).step_by(LINKS) {
        let links = first + 1..(first + LINKS).min(addresses) + 1;
        finish_next(&mut frontier, links.map(|n| address(0, n)));
    }
    assert_eq!(frontier.waiting(), addresses);
    frontier
}

/// The time in which a frontier finds all these addresses, on so many hosts, and finishes each.
fn decide(addresses: usize, hosts: usize) -> Duration {
    let starts: Vec<_> = (0..hosts).map(|host| address(host, 0)).collect();
    let mut frontier = started(&starts);
    let links_of = |host| (1..=addresses / hosts).map(move |n| address(host, n));
    let links: Vec<Vec<_>> = (0..hosts).map(|host| links_of(host).collect()).collect();
    let began = cpu_time();
    for links in links {
        finish_next(&mut frontier, links);
    }
    for _ in 0..addresses / hosts * hosts {
        finish_next(&mut frontier, []);
    }
    let took = cpu_time() - began;
    assert_eq!(frontier.waiting(), 0);
    took
}

/// A frontier that knows the rules of all sites.
fn started(starts: &[Address]) -> Frontier {
    let mut frontier = Frontier::new(limits(), starts, []);
    for _ in starts {
        assert!(matches!(frontier.next(now()), Next::Robots(..)));
    }
    for site in 0..starts.len() {
        frontier.robots_done(site, Ok(Robots::allow_all()), now());
    }
    frontier
}

/// The next page is done, and has these links.
fn finish_next(frontier: &mut Frontier, links: impl IntoIterator<Item = Address>) {
    let Next::Page(job) = frontier.next(now()) else { panic!("no page is next") };
    let response = Response::Page(Fetched::default(), links.into_iter().collect());
    assert!(frontier.page_done(job, Ok(response), now()).is_some());
}

fn limits() -> Limits {
    Limits {
        max_depth: u32::MAX,
        max_pages: NonZeroUsize::MAX,
        concurrency: NonZeroUsize::MAX,
        per_host: NonZeroUsize::MAX,
        ..Limits::default()
    }
}

fn now() -> tokio::time::Instant {
    tokio::time::Instant::now()
}

fn address(host: usize, page: usize) -> Address {
    Address::parse(&text(host, page)).expect("it is an address")
}

fn text(host: usize, page: usize) -> String {
    format!("https://host-{host:05}.example.org/articles/{page:08}-a-title-of-some-words")
}

/// What the journal holds of a page. Each page is in two lines: in its own, and in that of the page which
/// links to it first.
fn visit(page: usize) -> Visit {
    let title = Some("A title of some words".to_owned());
    Visit {
        address: text(0, page),
        depth: 3,
        redirects: 0,
        outcome: Outcome::Fetched(Fetched { title, bytes: 40_000, file: None }),
        found: vec![text(0, page + 1)],
    }
}
