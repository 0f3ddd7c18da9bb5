//! A missing user is `None` in the repository, an error in the service, and a `404` in the handler.
//!
//! asyncio: classes that receive their dependencies in `__init__`. Here a generic type replaces
//! duck typing: `Users<R>` is compiled once for the database and once for the fake. One instance is
//! created, and all requests share it. With the fake the section needs no socket and no file.

use async_kit::{Lane, Millis, ask, knob};
use axum::Router;

use crate::{
    app::{api::routes, memory::Memory, service::Users},
    router_client::{get, send},
};

/// Three concurrent requests: for a user, for a missing user, and with an invalid id.
pub(crate) async fn run() -> anyhow::Result<()> {
    let lookup = knob("lookup", 20.ms(), 1.ms()..=100.ms());
    ask("lookup=100ms", "does client cid wait for the store?");
    let store = Memory::with_users(42).slow(lookup);
    let clients = [("ann", "/users/42"), ("bob", "/users/43"), ("cid", "/users/abc")];
    send_all(routes(Users::new(store)), clients).await?;
    send_all(routes(Users::new(Memory::busy())), [("dan", "/users/42")]).await
}

// ANCHOR: layers
async fn send_all<const N: usize>(
    app: Router,
    clients: [(&'static str, &'static str); N],
) -> anyhow::Result<()> {
    let requests = clients.map(|(name, path)| {
        let response = send(app.clone(), get(path));
        tokio::spawn(async { response.await.report() }.try_lane(name))
    });
    for request in requests {
        // Ignore the error: the task has printed its status, and the section continues.
        let _ = request.await?;
    }
    Ok(())
}
// ANCHOR_END: layers

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};
    use axum::http::{StatusCode, header::RETRY_AFTER};
    use serde_json::json;

    use super::*;
    use crate::router_client::{FullResponse, post};

    fn response(store: Memory, path: &str) -> FullResponse {
        virtual_time(send(routes(Users::new(store)), get(path)))
    }

    #[test]
    fn two_requests_wait_for_the_store_at_the_same_time() {
        virtual_time(async {
            let seen = Transcript::of(run()).await;
            seen.assert_at(20.ms(), "bob 404 there is no user 43");
            assert_eq!(seen.peak("in the store"), 2, "{seen}");
        });
    }

    #[test]
    fn the_id_of_a_user_is_a_number_in_json() {
        let response = response(Memory::with_users(42), "/users/42");
        let user = r#"{"id":42,"name":"User 42","email":"user42@example.com"}"#;
        assert_eq!(response.body, user);
    }

    #[test]
    fn a_missing_user_is_a_404_and_not_null() {
        let response = response(Memory::with_users(42), "/users/43");
        assert_eq!(response.status, StatusCode::NOT_FOUND, "{response}");
    }

    #[test]
    fn an_invalid_id_never_reaches_the_service() {
        for id in ["abc", "0", "-1", "%E5%BC%A0", "042"] {
            // This store returns an error for every call, which would have another status.
            let response = response(Memory::busy(), &format!("/users/{id}"));
            assert_eq!(response.status, StatusCode::BAD_REQUEST, "{response}");
        }
    }

    #[test]
    fn a_busy_store_is_a_503_without_the_cause() {
        let response = response(Memory::busy(), "/users/42");
        assert_eq!(response.status, StatusCode::SERVICE_UNAVAILABLE, "{response}");
        assert_eq!(response.header(RETRY_AFTER), Some("1"), "{response:?}");
        assert!(!response.body.contains("simulated"), "{response}");
    }

    #[test]
    fn all_requests_share_one_service() {
        virtual_time(async {
            let app = routes(Users::new(Memory::default()));
            let person = json!({"name": "Ann", "email": "ann@example.com"}).to_string();
            let added = send(app.clone(), post("/users", person)).await;
            let found = send(app, get("/users/1")).await;
            assert_eq!(
                (added.status, found.status),
                (StatusCode::CREATED, StatusCode::OK)
            );
            assert_eq!(added.body, found.body);
        });
    }
}
