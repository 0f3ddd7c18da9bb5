//! A charge with a key is made once, even when its responses are lost.

use futures::future::join_all;
use reqwest::RequestBuilder;
use serde_json::json;

use super::support::{Fixture, in_time, json, send};

fn charge(fixture: &Fixture, lose: u64, key: &str, amount: u64) -> RequestBuilder {
    let request = fixture.post(&format!("/charge?lose={lose}"));
    request.header("Idempotency-Key", key).json(&json!({ "amount": amount }))
}

#[tokio::test]
async fn a_repeated_key_charges_once_and_gets_the_first_response_again() {
    let fixture = Fixture::start().await;
    let first = send(charge(&fixture, 0, "a", 500)).await;
    assert_eq!(first.headers()["idempotent-replayed"], "false");
    let again = send(charge(&fixture, 0, "a", 500)).await;
    assert_eq!(again.headers()["idempotent-replayed"], "true");
    assert_eq!(json(first).await, json(again).await);
    send(charge(&fixture, 0, "b", 70)).await;
    let totals = fixture.json_of("/charges").await;
    assert_eq!(totals, json!({ "asked": 3, "executed": 2, "amount": 570 }));
}

#[tokio::test]
async fn ten_concurrent_requests_with_one_key_charge_once() {
    let fixture = Fixture::start().await;
    let responses =
        (0..10).map(|_| async { json(send(charge(&fixture, 0, "a", 5)).await).await });
    for response in join_all(responses).await {
        assert_eq!(response, json!({ "id": 1, "amount": 5 }));
    }
    assert_eq!(fixture.json_of("/charges").await["executed"], 1);
}

#[tokio::test]
async fn a_charge_whose_response_is_lost_is_found_by_a_retry() {
    let fixture = Fixture::start().await;
    // The connection was used before: on such a connection some clients retry automatically.
    fixture.text_of("/json").await;
    for lost in 1..=2 {
        let response = in_time(charge(&fixture, 2, "a", 500).send()).await;
        assert!(response.is_err(), "{response:?}");
        let totals = fixture.json_of("/charges").await;
        assert_eq!(totals, json!({ "asked": lost, "executed": 1, "amount": 500 }));
    }
    let response = json(send(charge(&fixture, 2, "a", 500)).await).await;
    assert_eq!(response, json!({ "id": 1, "amount": 500 }));
}

#[tokio::test]
async fn without_a_key_a_retry_charges_again() {
    let fixture = Fixture::start().await;
    let order = || fixture.post("/charge?lose=1").json(&json!({ "amount": 500 }));
    assert!(in_time(order().send()).await.is_err(), "the first response was not lost");
    assert_eq!(json(send(order()).await).await, json!({ "id": 2, "amount": 500 }));
    let totals = fixture.json_of("/charges").await;
    assert_eq!(totals, json!({ "asked": 2, "executed": 2, "amount": 1000 }));
}

#[tokio::test]
async fn a_key_is_refused_for_another_amount() {
    let fixture = Fixture::start().await;
    send(charge(&fixture, 0, "a", 500)).await;
    let other = send(charge(&fixture, 0, "a", 501)).await;
    assert_eq!(other.status(), 422);
    let why = json(other).await;
    assert_eq!(why, json!({ "error": "the key \"a\" was used to charge 500 cents" }));
    assert_eq!(fixture.json_of("/charges").await["amount"], 500);
}

#[tokio::test]
async fn a_key_that_is_not_text_is_refused() {
    let fixture = Fixture::start().await;
    let request = fixture.post("/charge").json(&json!({ "amount": 5 }));
    let refused = send(request.header("Idempotency-Key", &b"\xff"[..])).await;
    assert_eq!(refused.status(), 400);
    assert_eq!(fixture.json_of("/charges").await["executed"], 0);
}

#[tokio::test]
async fn nothing_is_charged_for_an_amount_of_zero() {
    let fixture = Fixture::start().await;
    let refused = send(charge(&fixture, 0, "a", 0)).await;
    assert_eq!(refused.status(), 422);
    assert_eq!(fixture.json_of("/charges").await["executed"], 0);
}
