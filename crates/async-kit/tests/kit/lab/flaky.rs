//! A flaky answer fails as often as asked, and no more.

use super::support::{Visit, sent};

#[tokio::test]
async fn it_fails_so_many_times_and_then_never_again() {
    let visit = Visit::start().await;
    let mut seen = Vec::new();
    for _ in 0..6 {
        seen.push(visit.status_of("/flaky/a?fail=3").await);
    }
    assert_eq!(seen, [503, 503, 503, 200, 200, 200]);
}

#[tokio::test]
async fn each_key_fails_for_itself() {
    let visit = Visit::start().await;
    for key in ["a", "b", "c"] {
        let path = format!("/flaky/{key}?fail=1");
        let seen = [visit.status_of(&path).await, visit.status_of(&path).await];
        assert_eq!(seen, [503, 200], "{key}");
    }
}

#[tokio::test]
async fn two_labs_count_apart() {
    let (one, two) = (Visit::start().await, Visit::start().await);
    for visit in [&one, &two] {
        assert_eq!(visit.status_of("/flaky/a?fail=1").await, 503);
        assert_eq!(visit.lab.stats().requests, 1, "{}", visit.lab.stats());
    }
}

#[tokio::test]
async fn a_failure_names_its_status_and_when_to_come_back_only_if_asked() {
    let visit = Visit::start().await;
    let failure = sent(visit.get("/flaky/a?fail=1&status=429&retry_after=7")).await;
    assert_eq!(failure.status(), 429);
    assert_eq!(failure.headers()["retry-after"], "7");
    let failure = sent(visit.get("/flaky/b")).await;
    assert_eq!(failure.status(), 503);
    assert_eq!(failure.headers().get("retry-after"), None);
}
