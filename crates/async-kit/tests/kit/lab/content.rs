//! Fixed documents have the listed type and content, and echo routes return what was sent.

use serde_json::json;

use super::support::{Fixture, json as body_of, send};

#[tokio::test]
async fn every_document_has_its_type_and_its_length() {
    let fixture = Fixture::start().await;
    for (path, kind) in [
        ("/", "text/html"),
        ("/html", "text/html"),
        ("/private/", "text/html"),
        ("/json", "application/json"),
        ("/xml", "application/xml"),
        ("/robots.txt", "text/plain"),
        ("/bytes/7", "application/octet-stream"),
        ("/site/3/notes.txt", "text/plain"),
        ("/site/3/data.json", "application/json"),
    ] {
        let response = send(fixture.get(path)).await;
        assert_eq!(response.status(), 200, "{path}");
        let seen = response.headers()["content-type"].to_str().expect("text").to_owned();
        assert!(seen.starts_with(kind), "{path} is {seen}");
        let length = response.content_length();
        let body = fixture.text_of(path).await;
        assert_eq!(length, Some(body.len() as u64), "{path}");
    }
}

#[tokio::test]
async fn only_slides_have_titles() {
    let fixture = Fixture::start().await;
    assert!(!fixture.text_of("/html").await.contains("<title"));
    let xml = fixture.text_of("/xml").await;
    assert_eq!(xml.matches("<title>").count(), 2, "{xml}");
    let titles = fixture.json_of("/json").await["slideshow"]["slides"].take();
    for slide in titles.as_array().expect("a list") {
        let title = slide["title"].as_str().expect("a title");
        assert!(xml.contains(&format!("<title>{title}</title>")), "{title} in {xml}");
    }
}

#[tokio::test]
async fn headers_are_returned_and_repeated_ones_as_a_list() {
    let fixture = Fixture::start().await;
    let request =
        fixture.get("/headers").header("x-lamp", "red").header("x-lamp", "green");
    let seen = body_of(send(request).await).await;
    assert_eq!(seen["x-lamp"], "red, green", "{seen}");
    let agent =
        fixture.client.get(fixture.lab.url("/user-agent")).header("user-agent", "keeper");
    let seen = body_of(send(agent).await).await;
    assert_eq!(seen, json!({ "user-agent": "keeper" }));
    assert_eq!(fixture.json_of("/user-agent").await, json!({ "user-agent": null }));
}

#[tokio::test]
async fn every_status_from_200_to_599_is_returned_on_request() {
    let fixture = Fixture::start().await;
    for code in 200..=599 {
        assert_eq!(fixture.status_of(&format!("/status/{code}")).await, code);
    }
    let teapot = fixture.json_of("/status/418").await;
    assert_eq!(teapot, json!({ "status": 418, "reason": "I'm a teapot" }));
}

#[tokio::test]
async fn a_body_has_the_requested_number_of_bytes() {
    let fixture = Fixture::start().await;
    for n in [0, 1, 16_383, 16_384, 16_385, 1_000_000] {
        let body = fixture.text_of(&format!("/bytes/{n}")).await;
        assert_eq!(body.len(), n);
    }
}

#[tokio::test]
async fn n_redirects_are_followed_by_a_200() {
    let fixture = Fixture::start().await;
    for (n, to) in [(3, "/redirect/2"), (2, "/redirect/1"), (1, "/redirect/0")] {
        let response = send(fixture.get(&format!("/redirect/{n}"))).await;
        assert_eq!(response.status(), 302, "{to}");
        assert_eq!(response.headers()["location"], to);
    }
    assert_eq!(fixture.json_of("/redirect/0").await, json!({ "arrived": true }));
}
