//! Every page of a hostile site has the fault of its plan.

use async_kit::lab::{Failure, Fault, Hostile};
use reqwest::Url;

use super::support::{Fixture, in_time, send};

const SITE: Hostile = Hostile::new(100, 7);

/// What a client gets for a request.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Page,
    Status(u16),
    NoResponse,
    Truncated,
}

async fn outcome_of(fixture: &Fixture, path: &str) -> Outcome {
    let Ok(response) = in_time(fixture.get(path).send()).await else {
        return Outcome::NoResponse;
    };
    match (response.status().as_u16(), in_time(response.text()).await) {
        (200, Ok(page)) if page.contains("</html>") => Outcome::Page,
        (200, Err(_)) => Outcome::Truncated,
        (status, _) => Outcome::Status(status),
    }
}

fn expected(fault: Option<Fault>) -> Outcome {
    match fault.map(|fault| fault.failure) {
        None => Outcome::Page,
        Some(Failure::Status(status)) => Outcome::Status(status),
        Some(Failure::NoResponse) => Outcome::NoResponse,
        Some(Failure::Truncated) => Outcome::Truncated,
    }
}

#[tokio::test]
async fn every_page_has_its_planned_fault_and_a_retry_ends_a_transient_one() {
    let fixture = Fixture::start().await;
    for i in 0..SITE.pages() {
        let (path, fault) = (SITE.page(i), SITE.fault(i));
        assert_eq!(
            outcome_of(&fixture, &path).await,
            expected(fault),
            "page {i}: {fault:?}"
        );
        let permanent = fault.filter(|fault| !fault.heals);
        assert_eq!(
            outcome_of(&fixture, &path).await,
            expected(permanent),
            "page {i}: {fault:?}"
        );
    }
    assert_eq!(fixture.status_of(&SITE.page(100)).await, 404);
}

#[test]
fn three_pages_of_ten_fail_and_the_seed_decides_which() {
    for seed in [0, 1, 7, u64::MAX] {
        let site = Hostile::new(10_000, seed);
        let faults: Vec<_> = (0..10_000).filter_map(|i| site.fault(i)).collect();
        assert!(
            (2800..3200).contains(&faults.len()),
            "{} faults with seed {seed}",
            faults.len()
        );
        let permanent = faults.iter().filter(|fault| !fault.heals).count();
        assert!(
            (1150..1550).contains(&permanent),
            "{permanent} permanent faults with seed {seed}"
        );
        // Pages below 1000 have children, and a permanent fault would make those unreachable.
        assert!(
            (0..1000).filter_map(|i| site.fault(i)).all(|fault| fault.heals),
            "{seed}"
        );
        let other = Hostile::new(10_000, seed.wrapping_add(1));
        assert!(
            (0..100).any(|i| site.fault(i) != other.fault(i)),
            "seed {seed} gives the same site as the next seed"
        );
        assert_eq!(site.fault(0), None);
    }
}

/// The addresses that a page links to.
async fn links_of(fixture: &Fixture, path: &str) -> Vec<String> {
    let page = fixture.text_of(path).await;
    let after = page.split("href=\"").skip(1);
    after.filter_map(|rest| Some(rest.split_once('"')?.0.replace("&amp;", "&"))).collect()
}

#[tokio::test]
async fn the_start_links_to_ten_pages_and_to_every_hazard() {
    let fixture = Fixture::start().await;
    let links = links_of(&fixture, &SITE.start()).await;
    let pages: Vec<_> = (1..=10).map(|i| SITE.page(i)).collect();
    assert_eq!(links[..10], pages);
    for hazard in &links[10..] {
        if hazard.ends_with("/stall") {
            continue;
        }
        let status = send(fixture.get(hazard)).await.status();
        assert!(status.is_success() || status.is_redirection(), "{hazard}: {status}");
    }
    for route in fixture.lab.routes() {
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
async fn a_trap_always_links_to_a_page_that_was_not_visited() {
    let fixture = Fixture::start().await;
    for trap in ["deeper/", "calendar?day=1"] {
        let mut seen = vec![SITE.start() + trap];
        for _ in 0..5 {
            let at = seen.last().expect("at least the first");
            let base = Url::parse(&fixture.lab.url(at)).expect("an address");
            let links = links_of(&fixture, at).await;
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
async fn redirects_form_a_loop_never_end_or_have_an_invalid_address() {
    let fixture = Fixture::start().await;
    for (from, to) in
        [("loop/there", "loop/back"), ("loop/back", "loop/there"), ("away/0", "away/1")]
    {
        let response = send(fixture.get(&(SITE.start() + from))).await;
        assert_eq!(response.headers()["location"], SITE.start() + to, "{from}");
    }
    let nowhere = send(fixture.get(&(SITE.start() + "nowhere"))).await;
    let to = nowhere.headers()["location"].to_str().expect("text");
    assert!(Url::parse(to).is_err(), "{to}");
}

#[tokio::test]
async fn one_huge_page_announces_its_length_and_the_other_does_not() {
    let fixture = Fixture::start().await;
    for (name, length) in [("huge", Some(100_000_000)), ("huge-unsized", None)] {
        let mut response = send(fixture.get(&(SITE.start() + name))).await;
        assert_eq!(response.content_length(), length, "{name}");
        assert_eq!(response.headers()["content-type"], "text/html", "{name}");
        let first =
            in_time(response.chunk()).await.expect("a connection").expect("a chunk");
        assert!(first.starts_with(b"<p>"), "{name}");
    }
}

#[tokio::test]
async fn a_drip_sends_another_line_after_each_line() {
    let fixture = Fixture::start().await;
    let mut response = send(fixture.get(&(SITE.start() + "drip"))).await;
    for _ in 0..3 {
        let line = in_time(response.chunk()).await.expect("a connection").expect("more");
        assert!(line.starts_with(b"<p>"), "{line:?}");
    }
}

#[tokio::test]
async fn declared_types_and_charsets_may_be_wrong() {
    let fixture = Fixture::start().await;
    for (name, kind, is_utf8) in [
        ("bytes.html", Some("text/html"), false),
        ("page.png", Some("image/png"), true),
        ("untyped", None, true),
        ("latin1", Some("text/html; charset=iso-8859-1"), false),
        ("no-utf8", Some("text/html; charset=utf-8"), false),
    ] {
        let response = send(fixture.get(&(SITE.start() + name))).await;
        let seen = response
            .headers()
            .get("content-type")
            .map(|kind| kind.to_str().expect("text"));
        assert_eq!(seen, kind, "{name}");
        let body = in_time(response.bytes()).await.expect("a body");
        assert_eq!(std::str::from_utf8(&body).is_ok(), is_utf8, "{name}");
    }
    let broken = fixture.text_of(&(SITE.start() + "broken")).await;
    assert!(broken.contains("<a HREF = page/1 >"), "{broken}");
    let nested = fixture.text_of(&(SITE.start() + "nested")).await;
    assert_eq!(nested.matches("<div>").count(), 20_000);
}

#[tokio::test]
async fn robots_txt_forbids_one_part_of_the_site() {
    let fixture = Fixture::start().await;
    let robots = fixture.text_of("/robots.txt").await;
    assert!(robots.contains("Disallow: /hostile/*/forbidden/\n"), "{robots}");
    let links = links_of(&fixture, &SITE.start()).await;
    assert!(links.contains(&(SITE.start() + "forbidden/")), "{links:?}");
}

#[tokio::test]
async fn an_address_that_is_not_a_site_is_refused() {
    let fixture = Fixture::start().await;
    for name in ["300", "0-7", "10001-7", "300-x", "-"] {
        assert_eq!(fixture.status_of(&format!("/hostile/{name}/")).await, 400, "{name}");
        assert!(name.parse::<Hostile>().is_err(), "{name}");
    }
    assert_eq!("100-7".parse(), Ok(SITE));
}
