//! A missing user is a `404` because three layers each say what they know.
//!
//! The repository says that there is none, the service that this is an error, the handler which
//! status it has. asyncio: classes that take what they need in `__init__`. Here a generic type
//! instead of duck typing: `Users<R>` is compiled for the database and for the fake alike. It is
//! built once and shared by all requests, and the fake makes the whole of it a pure program.

use async_kit::{Lane, Millis, knob};
use axum::Router;

use crate::{
    app::{api::routes, memory::Memory, service::Users},
    ask::{ask, get},
};

/// Three ask for a user at once: one who exists, one who does not, and one who cannot.
pub(crate) async fn run() -> anyhow::Result<()> {
    let lookup = knob("lookup", 20.ms(), 1.ms()..=100.ms());
    let store = Memory::with_users(42).slow(lookup);
    let clients = [("ann", "/users/42"), ("bob", "/users/43"), ("cid", "/users/abc")];
    all_ask(routes(Users::new(store)), clients).await?;
    all_ask(routes(Users::new(Memory::busy())), [("dan", "/users/42")]).await
}

// ANCHOR: layers
async fn all_ask<const N: usize>(
    app: Router,
    clients: [(&'static str, &'static str); N],
) -> anyhow::Result<()> {
    let asked = clients.map(|(name, path)| {
        let answer = ask(app.clone(), get(path));
        tokio::spawn(async { answer.await.say() }.try_lane(name))
    });
    for asked in asked {
        // A refusal has been said, and is half of what this section shows.
        let _ = asked.await?;
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
    use crate::ask::{Answer, post};

    fn answer(store: Memory, path: &str) -> Answer {
        virtual_time(ask(routes(Users::new(store)), get(path)))
    }

    #[test]
    fn clients_do_not_wait_for_each_other() {
        virtual_time(async {
            let seen = Transcript::of(run()).await;
            seen.assert_at(20.ms(), "bob 404 there is no user 43");
            assert_eq!(seen.peak("in the store"), 2, "{seen}");
        });
    }

    #[test]
    fn a_user_is_answered_with_a_number_for_an_id() {
        let answer = answer(Memory::with_users(42), "/users/42");
        let user = r#"{"id":42,"name":"User 42","email":"user42@example.com"}"#;
        assert_eq!(answer.body, user);
    }

    #[test]
    fn a_user_who_is_missing_is_no_null() {
        let answer = answer(Memory::with_users(42), "/users/43");
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{answer}");
    }

    #[test]
    fn an_id_that_is_none_never_reaches_the_service() {
        for id in ["abc", "0", "-1", "%E5%BC%A0", "042"] {
            // A store at which every call fails with another status.
            let answer = answer(Memory::busy(), &format!("/users/{id}"));
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{answer}");
        }
    }

    #[test]
    fn a_store_that_is_busy_is_no_missing_user_and_keeps_its_reasons_to_itself() {
        let answer = answer(Memory::busy(), "/users/42");
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{answer}");
        assert_eq!(answer.header(RETRY_AFTER), Some("1"), "{answer:?}");
        assert!(!answer.body.contains("told to be"), "{answer}");
    }

    #[test]
    fn every_request_is_answered_by_the_same_service() {
        virtual_time(async {
            let app = routes(Users::new(Memory::default()));
            let person = json!({"name": "Ann", "email": "ann@example.com"}).to_string();
            let added = ask(app.clone(), post("/users", person)).await;
            let found = ask(app, get("/users/1")).await;
            assert_eq!(
                (added.status, found.status),
                (StatusCode::CREATED, StatusCode::OK)
            );
            assert_eq!(added.body, found.body);
        });
    }
}
