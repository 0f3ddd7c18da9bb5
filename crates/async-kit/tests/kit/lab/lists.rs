//! Users are sent page by page, prices one by one, and a batch has a result for each item.

use serde_json::{Value, json};

use super::support::{Fixture, json, send};

#[tokio::test]
async fn the_pages_contain_all_users_in_order_and_then_are_empty() {
    let fixture = Fixture::start().await;
    let mut ids = Vec::new();
    for page in 1..=10 {
        let users = fixture.json_of(&format!("/users?page={page}")).await;
        let users = users.as_array().expect("a list").clone();
        assert_eq!(users.len(), if page < 10 { 10 } else { 5 }, "page {page}");
        ids.extend(users.iter().filter_map(|user| user["id"].as_u64()));
    }
    assert_eq!(ids, (1..=95).collect::<Vec<_>>());
    assert_eq!(fixture.json_of("/users?page=11").await, json!([]));
    assert_eq!(fixture.json_of("/users?per_page=100&page=1000000").await, json!([]));
}

#[tokio::test]
async fn a_single_user_equals_the_user_in_the_list() {
    let fixture = Fixture::start().await;
    let user = fixture.json_of("/users/42").await;
    assert_eq!(user["name"], "User 42", "{user}");
    assert_eq!(fixture.json_of("/users?page=42&per_page=1").await, json!([user]));
    for unknown in ["/users/0", "/users/96"] {
        assert_eq!(fixture.status_of(unknown).await, 404, "{unknown}");
    }
}

#[tokio::test]
async fn a_price_is_text_and_an_unknown_symbol_is_refused() {
    let fixture = Fixture::start().await;
    let price = fixture.json_of("/ticker/price?symbol=BTCUSDT").await;
    assert_eq!(price, json!({ "symbol": "BTCUSDT", "price": "64250.10000000" }));
    let refused = send(fixture.get("/ticker/price?symbol=GULL")).await;
    assert_eq!(refused.status(), 400);
    assert_eq!(json(refused).await, json!({ "error": "there is no symbol \"GULL\"" }));
}

#[tokio::test]
async fn a_bad_item_of_a_batch_fails_alone() {
    let fixture = Fixture::start().await;
    let items = json!([1, { "fail": "no oil" }, "lamp", null]);
    let results = json(send(fixture.post("/batch").json(&items)).await).await;
    let expected =
        json!([{ "ok": 1 }, { "error": "no oil" }, { "ok": "lamp" }, { "ok": null }]);
    assert_eq!(results, expected);
}

#[tokio::test]
async fn a_batch_accepts_at_most_a_hundred_items() {
    let fixture = Fixture::start().await;
    for (items, status) in [(0, 200), (100, 200), (101, 413)] {
        let response = send(fixture.post("/batch").json(&vec![Value::Null; items])).await;
        assert_eq!(response.status(), status, "{items} items");
    }
}
