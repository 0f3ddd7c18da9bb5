//! Users come page by page, prices one by one, and a batch keeps every item's own result.

use serde_json::{Value, json};

use super::support::{Visit, json, sent};

#[tokio::test]
async fn the_pages_are_all_users_in_order_and_then_nothing() {
    let visit = Visit::start().await;
    let mut ids = Vec::new();
    for page in 1..=10 {
        let users = visit.json_of(&format!("/users?page={page}")).await;
        let users = users.as_array().expect("a list").clone();
        assert_eq!(users.len(), if page < 10 { 10 } else { 5 }, "page {page}");
        ids.extend(users.iter().filter_map(|user| user["id"].as_u64()));
    }
    assert_eq!(ids, (1..=95).collect::<Vec<_>>());
    assert_eq!(visit.json_of("/users?page=11").await, json!([]));
    assert_eq!(visit.json_of("/users?per_page=100&page=1000000").await, json!([]));
}

#[tokio::test]
async fn a_user_is_the_one_of_the_list() {
    let visit = Visit::start().await;
    let user = visit.json_of("/users/42").await;
    assert_eq!(user["name"], "User 42", "{user}");
    assert_eq!(visit.json_of("/users?page=42&per_page=1").await, json!([user]));
    for unknown in ["/users/0", "/users/96"] {
        assert_eq!(visit.status_of(unknown).await, 404, "{unknown}");
    }
}

#[tokio::test]
async fn a_price_is_text_and_an_unknown_symbol_is_refused() {
    let visit = Visit::start().await;
    let price = visit.json_of("/ticker/price?symbol=BTCUSDT").await;
    assert_eq!(price, json!({ "symbol": "BTCUSDT", "price": "64250.10000000" }));
    let refused = sent(visit.get("/ticker/price?symbol=GULL")).await;
    assert_eq!(refused.status(), 400);
    assert_eq!(json(refused).await, json!({ "error": "no symbol is called \"GULL\"" }));
}

#[tokio::test]
async fn a_bad_item_of_a_batch_fails_alone() {
    let visit = Visit::start().await;
    let items = json!([1, { "fail": "no oil" }, "lamp", null]);
    let results = json(sent(visit.post("/batch").json(&items)).await).await;
    let lamp =
        json!([{ "ok": 1 }, { "error": "no oil" }, { "ok": "lamp" }, { "ok": null }]);
    assert_eq!(results, lamp);
}

#[tokio::test]
async fn a_batch_holds_a_hundred_items_and_no_more() {
    let visit = Visit::start().await;
    for (items, status) in [(0, 200), (100, 200), (101, 413)] {
        let answer = sent(visit.post("/batch").json(&vec![Value::Null; items])).await;
        assert_eq!(answer.status(), status, "{items} items");
    }
}
