//! A bad parameter is refused with 400 and an error that names it, never corrected.

use super::support::{Fixture, in_time, send};

#[tokio::test]
async fn the_error_names_the_bad_parameter() {
    let fixture = Fixture::start().await;
    for (path, named) in [
        ("/status/abc", "abc"),
        ("/status/199", "199 is not in 200..=599"),
        ("/status/600", "600 is not in 200..=599"),
        ("/delay/-1", "-1"),
        ("/delay/60001", "60001 is not in 0..=60000"),
        ("/bytes/100000001", "100000001 is not in"),
        ("/redirect/x", "x"),
        ("/users/x", "x"),
        ("/users?page=0", "page: 0 is not in"),
        ("/users?per_page=101", "per_page: 101 is not in 1..=100"),
        ("/users?size=10", "unknown field `size`"),
        ("/drip?chunks=0", "chunks: 0 is not in"),
        ("/drip?every=x", "every"),
        ("/flaky/a?status=200", "status: 200 is not in 400..=599"),
        ("/flaky/a?fail=x", "fail"),
        ("/flaky/a?retry_after=soon", "retry_after"),
        ("/flaky/a?fial=2", "unknown field `fial`"),
        ("/ticker/price", "missing field `symbol`"),
        ("/site/0/", "\"0\" is not a shape"),
        ("/site/10001/", "\"10001\" is not a shape"),
        ("/site/30-20/", "\"30-20\" is not a shape"),
        ("/site/30-60001ms/", "\"30-60001ms\" is not a shape"),
        ("/site/30/page/0", "0 is not in"),
    ] {
        let response = send(fixture.get(path)).await;
        let status = response.status();
        let why = in_time(response.text()).await.expect("a reason");
        assert_eq!(status, 400, "{path}: {why}");
        assert!(why.contains(named), "{path}: {why:?} does not name {named:?}");
    }
    assert_eq!(
        fixture.status_of("/flaky/a?fail=1").await,
        503,
        "a refused request was counted as a failure"
    );
}

#[tokio::test]
async fn an_unknown_path_is_not_found_and_a_wrong_method_not_allowed() {
    let fixture = Fixture::start().await;
    assert_eq!(fixture.status_of("/lamp").await, 404);
    assert_eq!(fixture.status_of("/charge").await, 405);
    assert_eq!(fixture.lab.stats().requests, 2, "{}", fixture.lab.stats());
}
