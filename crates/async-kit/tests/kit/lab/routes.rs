//! Every listed route responds.

use async_kit::lab::Route;
use reqwest::{Method, RequestBuilder};
use serde_json::json;

use super::support::{Fixture, in_time, send};

fn example(route: &Route, fixture: &Fixture) -> RequestBuilder {
    let (method, target) = route.usage.split_once(' ').expect("a method and a path");
    let mut path = target.to_owned();
    for (name, value) in [
        ("{code}", "202"),
        ("{ms}", "1"),
        ("{n}", "1"),
        ("{id}", "1"),
        ("{key}", "a"),
        ("{shape}", "3"),
        ("{i}", "1"),
        ("{pages}", "2"),
        ("{web}", "2-1"),
        ("{*path}", "left/"),
        ("every=100", "every=1"),
        ("fail=2", "fail=0"),
    ] {
        path = path.replace(name, value);
    }
    let method = Method::from_bytes(method.as_bytes()).expect("a method");
    let body = if path == "/batch" { json!([1]) } else { json!({ "amount": 1 }) };
    fixture.client.request(method, fixture.lab.url(&path)).json(&body)
}

#[tokio::test]
async fn every_listed_route_responds_to_its_own_example() {
    let fixture = Fixture::start().await;
    for route in
        fixture.lab.routes().iter().filter(|route| !route.usage.ends_with("/stall"))
    {
        let status = send(example(route, &fixture)).await.status();
        assert!(status.is_success() || status.is_redirection(), "{route:?}: {status}");
    }
}

#[tokio::test]
async fn the_index_page_names_every_route() {
    let fixture = Fixture::start().await;
    let index = fixture.text_of("/").await.replace("&amp;", "&");
    let routes = fixture.lab.routes();
    assert!(routes.len() > 25, "{routes:?}");
    for route in routes {
        assert!(index.contains(&format!("<code>{}</code>", route.usage)), "{route:?}");
    }
}

#[tokio::test]
async fn the_stats_route_returns_the_counts_of_the_lab() {
    let fixture = Fixture::start().await;
    fixture.text_of("/json").await;
    let seen =
        in_time(send(fixture.get("/stats")).await.json::<serde_json::Value>()).await;
    let expected = json!({
        "requests": 2, "in_flight": 1, "peak_in_flight": 1,
        "connections": 1, "open_connections": 1,
    });
    assert_eq!(seen.expect("JSON"), expected);
    assert_eq!(
        fixture.lab.stats().to_string(),
        "2 requests, at most 1 concurrent, 1 connection"
    );
}
