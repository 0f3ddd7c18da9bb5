//! What a hostile site does to a crawler is what it foretells.

use async_kit::lab::{Failure, Fault, Hostile};
use reqwest::Url;

use super::support::{Visit, in_time, sent};

const SITE: Hostile = Hostile::new(100, 7);

/// A whole page, a status that says no, or a connection that broke.
#[derive(Debug, PartialEq, Eq)]
enum Met {
    Page,
    Status(u16),
    HungUp,
    Torn,
}

async fn meet(visit: &Visit, path: &str) -> Met {
    let Ok(answer) = in_time(visit.get(path).send()).await else { return Met::HungUp };
    match (answer.status().as_u16(), in_time(answer.text()).await) {
        (200, Ok(page)) if page.contains("</html>") => Met::Page,
        (200, Err(_)) => Met::Torn,
        (status, _) => Met::Status(status),
    }
}

fn foretold(fault: Option<Fault>) -> Met {
    match fault.map(|fault| fault.failure) {
        None => Met::Page,
        Some(Failure::Status(status)) => Met::Status(status),
        Some(Failure::HungUp) => Met::HungUp,
        Some(Failure::Torn) => Met::Torn,
    }
}

#[tokio::test]
async fn every_page_meets_the_fault_that_was_foretold_and_heals_if_it_does() {
    let visit = Visit::start().await;
    for i in 0..SITE.pages() {
        let (path, fault) = (SITE.page(i), SITE.fault(i));
        assert_eq!(meet(&visit, &path).await, foretold(fault), "page {i}: {fault:?}");
        let lasting = fault.filter(|fault| !fault.heals);
        assert_eq!(meet(&visit, &path).await, foretold(lasting), "page {i}: {fault:?}");
    }
    assert_eq!(visit.status_of(&SITE.page(100)).await, 404);
}

#[test]
fn three_pages_of_ten_fail_and_the_seed_says_which() {
    for seed in [0, 1, 7, u64::MAX] {
        let site = Hostile::new(10_000, seed);
        let faults: Vec<_> = (0..10_000).filter_map(|i| site.fault(i)).collect();
        assert!((2800..3200).contains(&faults.len()), "{} with {seed}", faults.len());
        let lasting = faults.iter().filter(|fault| !fault.heals).count();
        assert!((1150..1550).contains(&lasting), "{lasting} for ever with {seed}");
        // Pages below 1000 have children, and must not hide them for ever.
        assert!(
            (0..1000).filter_map(|i| site.fault(i)).all(|fault| fault.heals),
            "{seed}"
        );
        let other = Hostile::new(10_000, seed.wrapping_add(1));
        assert!(
            (0..100).any(|i| site.fault(i) != other.fault(i)),
            "{seed} like the next"
        );
        assert_eq!(site.fault(0), None);
    }
}

/// Where page 0 leads to, hazards and pages.
async fn links_of(visit: &Visit, path: &str) -> Vec<String> {
    let page = visit.text_of(path).await;
    let after = page.split("href=\"").skip(1);
    after.filter_map(|rest| Some(rest.split_once('"')?.0.replace("&amp;", "&"))).collect()
}

#[tokio::test]
async fn the_start_links_to_ten_pages_and_to_every_hazard() {
    let visit = Visit::start().await;
    let links = links_of(&visit, &SITE.start()).await;
    let pages: Vec<_> = (1..=10).map(|i| SITE.page(i)).collect();
    assert_eq!(links[..10], pages);
    for hazard in &links[10..] {
        if hazard.ends_with("/stall") {
            continue;
        }
        let status = sent(visit.get(hazard)).await.status();
        assert!(status.is_success() || status.is_redirection(), "{hazard}: {status}");
    }
    for route in visit.lab.routes() {
        let hazard = route.usage.replace("GET /hostile/{web}/", &SITE.start());
        let is_inside = ["page/", "{n}", "{*path}", "back", "{web}"];
        if hazard.starts_with(&SITE.start())
            && !is_inside.iter().any(|s| hazard.contains(s))
        {
            assert!(
                hazard == SITE.start() || links.contains(&hazard),
                "{hazard}: {links:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_trap_always_leads_to_pages_that_nobody_saw() {
    let visit = Visit::start().await;
    for trap in ["deeper/", "calendar?day=1"] {
        let mut seen = vec![SITE.start() + trap];
        for _ in 0..5 {
            let at = seen.last().expect("at least the first");
            let base = Url::parse(&visit.lab.url(at)).expect("an address");
            let links = links_of(&visit, at).await;
            let next = links.iter().map(|link| base.join(link).expect("a link"));
            let mut paths = next.map(|url| {
                let query = url.query().map(|query| format!("?{query}"));
                url.path().to_owned() + &query.unwrap_or_default()
            });
            let new = paths.find(|path| !seen.contains(path)).expect("a new page");
            seen.push(new);
        }
    }
}

#[tokio::test]
async fn redirects_go_round_or_on_for_ever_or_nowhere() {
    let visit = Visit::start().await;
    for (from, to) in
        [("loop/there", "loop/back"), ("loop/back", "loop/there"), ("away/0", "away/1")]
    {
        let answer = sent(visit.get(&(SITE.start() + from))).await;
        assert_eq!(answer.headers()["location"], SITE.start() + to, "{from}");
    }
    let nowhere = sent(visit.get(&(SITE.start() + "nowhere"))).await;
    let to = nowhere.headers()["location"].to_str().expect("text");
    assert!(Url::parse(to).is_err(), "{to}");
}

#[tokio::test]
async fn a_huge_page_says_so_or_does_not() {
    let visit = Visit::start().await;
    for (name, length) in [("huge", Some(100_000_000)), ("huge-unsized", None)] {
        let mut answer = sent(visit.get(&(SITE.start() + name))).await;
        assert_eq!(answer.content_length(), length, "{name}");
        assert_eq!(answer.headers()["content-type"], "text/html", "{name}");
        let first =
            in_time(answer.chunk()).await.expect("a connection").expect("a chunk");
        assert!(first.starts_with(b"<p>"), "{name}");
    }
}

#[tokio::test]
async fn a_drip_goes_on_after_every_line() {
    let visit = Visit::start().await;
    let mut answer = sent(visit.get(&(SITE.start() + "drip"))).await;
    for _ in 0..3 {
        let line = in_time(answer.chunk()).await.expect("a connection").expect("more");
        assert!(line.starts_with(b"<p>"), "{line:?}");
    }
}

#[tokio::test]
async fn types_and_charsets_are_claims() {
    let visit = Visit::start().await;
    for (name, kind, is_utf8) in [
        ("bytes.html", Some("text/html"), false),
        ("page.png", Some("image/png"), true),
        ("untyped", None, true),
        ("latin1", Some("text/html; charset=iso-8859-1"), false),
        ("no-utf8", Some("text/html; charset=utf-8"), false),
    ] {
        let answer = sent(visit.get(&(SITE.start() + name))).await;
        let seen =
            answer.headers().get("content-type").map(|kind| kind.to_str().expect("text"));
        assert_eq!(seen, kind, "{name}");
        let body = in_time(answer.bytes()).await.expect("a body");
        assert_eq!(std::str::from_utf8(&body).is_ok(), is_utf8, "{name}");
    }
    let broken = visit.text_of(&(SITE.start() + "broken")).await;
    assert!(broken.contains("<a HREF = page/1 >"), "{broken}");
    let nested = visit.text_of(&(SITE.start() + "nested")).await;
    assert_eq!(nested.matches("<div>").count(), 20_000);
}

#[tokio::test]
async fn robots_are_asked_to_leave_a_part_alone() {
    let visit = Visit::start().await;
    let robots = visit.text_of("/robots.txt").await;
    assert!(robots.contains("Disallow: /hostile/*/forbidden/\n"), "{robots}");
    let links = links_of(&visit, &SITE.start()).await;
    assert!(links.contains(&(SITE.start() + "forbidden/")), "{links:?}");
}

#[tokio::test]
async fn what_is_no_site_is_refused() {
    let visit = Visit::start().await;
    for name in ["300", "0-7", "10001-7", "300-x", "-"] {
        assert_eq!(visit.status_of(&format!("/hostile/{name}/")).await, 400, "{name}");
        assert!(name.parse::<Hostile>().is_err(), "{name}");
    }
    assert_eq!("100-7".parse(), Ok(SITE));
}
