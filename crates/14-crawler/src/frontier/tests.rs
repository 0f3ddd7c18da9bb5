//! In whatever order the responses arrive, the result is that of a plain breadth-first search.

use std::collections::{BTreeMap, BTreeSet};

use proptest::{collection::vec, prelude::*, sample::Index, test_runner::Config};

use super::*;
use crate::{
    Failure, Fetched, Outcome, Response, Robots, frontier::completion::MAX_REDIRECTS,
};

/// More pages than any of these sites has.
const MANY: usize = 100;

/// What a server returns for an address, by the index of the addresses that it leads to.
#[derive(Clone, Debug)]
enum Node {
    Page(Vec<usize>),
    Moved(usize),
    Missing,
}

/// The last two nodes are each on a site of their own.
const NODES: usize = 7;

fn address(node: usize) -> Address {
    let host = if node + 2 < NODES { "h".to_owned() } else { format!("h{node}") };
    Address::parse(&format!("http://{host}/{node}")).expect("an address")
}

fn response(node: &Node) -> Result<Response, Failure> {
    match node {
        Node::Page(links) => {
            let links = links.iter().map(|link| address(*link)).collect();
            Ok(Response::Page(Fetched::default(), links))
        }
        Node::Moved(to) => Ok(Response::Moved(address(*to))),
        Node::Missing => Err(Failure::Status { status: 404, retry_after: None }),
    }
}

/// The depth of an address, and its outcome.
type DepthAndOutcome = (u32, &'static str);

fn outcome(visit: &Visit) -> DepthAndOutcome {
    let outcome = match &visit.outcome {
        Outcome::Fetched(_) => "fetched",
        Outcome::Failed { .. } => "failed",
        Outcome::Skipped { why } => why.kind(),
    };
    (visit.depth, outcome)
}

/// Follows each path that is shorter than the known one, until there is none.
fn searched(
    web: &[Node],
    starts: &[usize],
    max_depth: u32,
) -> BTreeMap<String, DepthAndOutcome> {
    let mut depths: BTreeMap<usize, u32> =
        starts.iter().map(|start| (*start, 0)).collect();
    let site = |node: usize| address(node).url().host_str().map(str::to_owned);
    let mut sites: BTreeSet<_> = starts.iter().map(|start| site(*start)).collect();
    let is_wanted = |sites: &BTreeSet<_>, node, depth| {
        sites.contains(&site(node)) && depth <= max_depth
    };
    loop {
        let before = (depths.clone(), sites.clone());
        for (node, depth) in depths.clone() {
            let steps: Vec<(usize, u32)> = match &web[node] {
                _ if !is_wanted(&sites, node, depth) => Vec::new(),
                Node::Page(links) => links.iter().map(|to| (*to, depth + 1)).collect(),
                Node::Moved(to) => vec![(*to, depth)],
                Node::Missing => Vec::new(),
            };
            if let (Node::Moved(to), 0) = (&web[node], depth) {
                sites.insert(site(*to));
            }
            for (to, depth) in steps {
                let known = depths.entry(to).or_insert(depth);
                *known = depth.min(*known);
            }
        }
        if before == (depths.clone(), sites.clone()) {
            break;
        }
    }
    let outcome = |(node, depth): (usize, u32)| {
        let outcome = match &web[node] {
            _ if !sites.contains(&site(node)) => "off site",
            _ if depth > max_depth => "too deep",
            Node::Page(_) => "fetched",
            Node::Moved(_) => "moved",
            Node::Missing => "failed",
        };
        (address(node).to_string(), (depth, outcome))
    };
    depths.into_iter().map(outcome).collect()
}

/// Crawls to the end. Whenever several requests are in flight, `order` decides which one ends first.
fn drive(
    mut frontier: Frontier,
    respond: impl Fn(usize) -> Result<Response, Failure>,
    mut order: impl FnMut(usize) -> usize,
) -> Vec<Visit> {
    let (now, mut in_flight, mut visits) = (Instant::now(), Vec::new(), Vec::new());
    loop {
        match frontier.next(now) {
            Next::Robots(site, _) => {
                frontier.robots_done(site, Ok(Robots::allow_all()), now);
            }
            Next::Page(job) => in_flight.push(job),
            Next::Decided(visit) => visits.push(visit),
            Next::Wait(_) if in_flight.is_empty() => break,
            Next::Wait(_) => {
                let job: Job = in_flight.swap_remove(order(in_flight.len()));
                let node = job.address().url().path()[1..].parse::<usize>();
                let response = respond(node.expect("the number of a node"));
                visits.extend(frontier.page_done(job, response, now));
            }
        }
    }
    assert!(frontier.is_over() || frontier.waiting() == 0, "{frontier:?}");
    visits
}

fn crawled(
    web: &[Node],
    starts: &[usize],
    (max_depth, max_pages): (u32, usize),
    history: &[Visit],
    order: impl FnMut(usize) -> usize,
) -> Vec<Visit> {
    let count = |n: usize| n.try_into().expect("not zero");
    let limits = Limits {
        max_depth,
        max_pages: count(max_pages),
        per_host: count(100),
        ..Limits::default()
    };
    let starts: Vec<_> = starts.iter().map(|start| address(*start)).collect();
    let frontier = Frontier::new(limits, &starts, history.to_vec());
    drive(frontier, |node| response(&web[node]), order)
}

fn outcomes(visits: &[Visit]) -> BTreeMap<String, DepthAndOutcome> {
    let outcomes: BTreeMap<_, _> =
        visits.iter().map(|visit| (visit.address.clone(), outcome(visit))).collect();
    assert_eq!(outcomes.len(), visits.len(), "an address has two outcomes: {visits:#?}");
    outcomes
}

fn node() -> impl Strategy<Value = Node> {
    prop_oneof![
        4 => vec(0..NODES, 0..4).prop_map(Node::Page),
        3 => (0..NODES).prop_map(Node::Moved),
        1 => Just(Node::Missing),
    ]
}

fn in_order(order: &[Index]) -> impl FnMut(usize) -> usize {
    let mut order = order.iter().cycle();
    move |choices| order.next().map_or(0, |index| index.index(choices))
}

proptest! {
    #![proptest_config(Config { cases: 1_000, failure_persistence: None, ..Config::default() })]

    #[test]
    fn every_order_of_responses_gives_the_outcomes_and_depths_of_a_breadth_first_search(
        web in vec(node(), NODES),
        starts in vec(0..NODES, 1..3),
        max_depth in 0..4_u32,
        order in vec(any::<Index>(), 1..20),
        cut in any::<Index>(),
        few in 1..NODES,
    ) {
        let expected = searched(&web, &starts, max_depth);
        let visits = crawled(&web, &starts, (max_depth, MANY), &[], in_order(&order));
        prop_assert_eq!(outcomes(&visits), expected.clone());

        // Killed after any visit and resumed, with another depth: as if it had been so from the start.
        let (history, deeper) = (&visits[..cut.index(visits.len())], max_depth + 1);
        // Or it had as many pages as it may have, and a resumed crawl may have more.
        let ended = crawled(&web, &starts, (max_depth, few), &[], in_order(&order));
        for history in [history, &ended] {
            let rest = crawled(&web, &starts, (deeper, MANY), history, in_order(&order));
            let kept = history.iter().filter(|visit| !visit.is_provisional());
            let all: Vec<_> = kept.chain(&rest).cloned().collect();
            prop_assert_eq!(outcomes(&all), searched(&web, &starts, deeper));
        }
    }
}

/// A chain of redirects is too long from its beginning. From the other start it is short enough.
#[test]
fn of_two_chains_of_redirects_the_shorter_one_counts() {
    let (end, shortcut) = (usize::from(MAX_REDIRECTS) + 2, 1_000);
    let at = |node: usize| Address::parse(&format!("http://h/{node}")).expect("one");
    let moved = |node: usize| match node {
        _ if node == end => Response::Page(Fetched::default(), Vec::new()),
        _ if node == shortcut => Response::Moved(at(end / 2)),
        _ => Response::Moved(at(node + 1)),
    };
    for starts in [[at(0), at(shortcut)], [at(shortcut), at(0)]] {
        let frontier = Frontier::new(Limits::default(), &starts, []);
        // The newest request ends first: once the shortcut, and once the whole chain.
        let newest = |choices| choices - 1;
        let outcomes = outcomes(&drive(frontier, |node| Ok(moved(node)), newest));
        assert_eq!(outcomes[at(end).as_str()], (0, "fetched"), "{outcomes:#?}");
        assert_eq!(outcomes.len(), end + 2, "{outcomes:#?}");
    }
}
