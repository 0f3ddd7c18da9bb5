//! A flaky route fails the requested number of times, and then always succeeds.

use super::support::{Fixture, send};

#[tokio::test]
async fn a_route_with_fail_3_fails_three_times_and_then_succeeds() {
    let fixture = Fixture::start().await;
    let mut seen = Vec::new();
    for _ in 0..6 {
        seen.push(fixture.status_of("/flaky/a?fail=3").await);
    }
    assert_eq!(seen, [503, 503, 503, 200, 200, 200]);
}

#[tokio::test]
async fn each_key_has_its_own_count_of_failures() {
    let fixture = Fixture::start().await;
    for key in ["a", "b", "c"] {
        let path = format!("/flaky/{key}?fail=1");
        let seen = [fixture.status_of(&path).await, fixture.status_of(&path).await];
        assert_eq!(seen, [503, 200], "{key}");
    }
}

#[tokio::test]
async fn two_labs_have_separate_counts() {
    let (one, two) = (Fixture::start().await, Fixture::start().await);
    for fixture in [&one, &two] {
        assert_eq!(fixture.status_of("/flaky/a?fail=1").await, 503);
        assert_eq!(fixture.lab.stats().requests, 1, "{}", fixture.lab.stats());
    }
}

#[tokio::test]
async fn a_failure_has_the_requested_status_and_retry_after() {
    let fixture = Fixture::start().await;
    let failure = send(fixture.get("/flaky/a?fail=1&status=429&retry_after=7")).await;
    assert_eq!(failure.status(), 429);
    assert_eq!(failure.headers()["retry-after"], "7");
    let failure = send(fixture.get("/flaky/b")).await;
    assert_eq!(failure.status(), 503);
    assert_eq!(failure.headers().get("retry-after"), None);
}
