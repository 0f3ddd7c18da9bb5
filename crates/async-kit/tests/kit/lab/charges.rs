//! A charge with a key is made once, whatever becomes of the answers.

use futures::future::join_all;
use reqwest::RequestBuilder;
use serde_json::json;

use super::support::{Visit, in_time, json, sent};

fn charge(visit: &Visit, lose: u64, key: &str, amount: u64) -> RequestBuilder {
    let request = visit.post(&format!("/charge?lose={lose}"));
    request.header("Idempotency-Key", key).json(&json!({ "amount": amount }))
}

#[tokio::test]
async fn a_key_charges_once_and_repeats_its_first_answer() {
    let visit = Visit::start().await;
    let first = sent(charge(&visit, 0, "a", 500)).await;
    assert_eq!(first.headers()["idempotent-replayed"], "false");
    let again = sent(charge(&visit, 0, "a", 500)).await;
    assert_eq!(again.headers()["idempotent-replayed"], "true");
    assert_eq!(json(first).await, json(again).await);
    sent(charge(&visit, 0, "b", 70)).await;
    let totals = visit.json_of("/charges").await;
    assert_eq!(totals, json!({ "asked": 3, "executed": 2, "amount": 570 }));
}

#[tokio::test]
async fn ten_that_ask_with_one_key_at_once_are_charged_once() {
    let visit = Visit::start().await;
    let answers =
        (0..10).map(|_| async { json(sent(charge(&visit, 0, "a", 5)).await).await });
    for answer in join_all(answers).await {
        assert_eq!(answer, json!({ "id": 1, "amount": 5 }));
    }
    assert_eq!(visit.json_of("/charges").await["executed"], 1);
}

#[tokio::test]
async fn a_lost_answer_was_executed_and_is_found_by_asking_again() {
    let visit = Visit::start().await;
    // On a connection that was used before, where a client would be tempted to try again.
    visit.text_of("/json").await;
    for lost in 1..=2 {
        let answer = in_time(charge(&visit, 2, "a", 500).send()).await;
        assert!(answer.is_err(), "{answer:?}");
        let totals = visit.json_of("/charges").await;
        assert_eq!(totals, json!({ "asked": lost, "executed": 1, "amount": 500 }));
    }
    let answer = json(sent(charge(&visit, 2, "a", 500)).await).await;
    assert_eq!(answer, json!({ "id": 1, "amount": 500 }));
}

#[tokio::test]
async fn without_a_key_asking_again_charges_again() {
    let visit = Visit::start().await;
    let order = || visit.post("/charge?lose=1").json(&json!({ "amount": 500 }));
    assert!(in_time(order().send()).await.is_err(), "the first answer was not lost");
    assert_eq!(json(sent(order()).await).await, json!({ "id": 2, "amount": 500 }));
    let totals = visit.json_of("/charges").await;
    assert_eq!(totals, json!({ "asked": 2, "executed": 2, "amount": 1000 }));
}

#[tokio::test]
async fn a_key_does_not_stand_for_another_amount() {
    let visit = Visit::start().await;
    sent(charge(&visit, 0, "a", 500)).await;
    let other = sent(charge(&visit, 0, "a", 501)).await;
    assert_eq!(other.status(), 422);
    let why = json(other).await;
    assert_eq!(why, json!({ "error": "the key \"a\" was used to charge 500" }));
    assert_eq!(visit.json_of("/charges").await["amount"], 500);
}

#[tokio::test]
async fn a_key_that_is_no_text_is_refused() {
    let visit = Visit::start().await;
    let request = visit.post("/charge").json(&json!({ "amount": 5 }));
    let refused = sent(request.header("Idempotency-Key", &b"\xff"[..])).await;
    assert_eq!(refused.status(), 400);
    assert_eq!(visit.json_of("/charges").await["executed"], 0);
}

#[tokio::test]
async fn nothing_is_charged_for_an_amount_of_zero() {
    let visit = Visit::start().await;
    let refused = sent(charge(&visit, 0, "a", 0)).await;
    assert_eq!(refused.status(), 422);
    assert_eq!(visit.json_of("/charges").await["executed"], 0);
}
