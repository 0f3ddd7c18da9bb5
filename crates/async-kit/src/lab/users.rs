//! A list that is too long for one response is sent page by page.

use axum::{
    Json,
    extract::{Path, Query},
    http::StatusCode,
    routing::get,
};
use serde::{Deserialize, Serialize};

use super::{
    bounded::Bounded,
    refusal::Refusal,
    route::{Entry, entry},
};

/// Arbitrary, but not a multiple of 10: with ten users a page, the last page is shorter.
const USERS: u64 = 95;

pub(super) fn entries() -> Vec<Entry> {
    vec![
        entry("GET /users/{id}", "one user, 1 to 95, else 404", get(user)),
        entry(
            "GET /users?page=1&per_page=10",
            "one page of users; [] after the last",
            get(page),
        ),
    ]
}

#[derive(Serialize)]
struct User {
    id: u64,
    name: String,
    email: String,
}

impl User {
    fn new(id: u64) -> Self {
        Self { id, name: format!("User {id}"), email: format!("user{id}@example.org") }
    }
}

async fn user(Path(id): Path<u64>) -> Result<Json<User>, Refusal> {
    if (1..=USERS).contains(&id) {
        Ok(Json(User::new(id)))
    } else {
        Err(Refusal(StatusCode::NOT_FOUND, format!("there is no user {id}")))
    }
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Page {
    page: Bounded<1, 1_000_000>,
    per_page: Bounded<1, 100>,
}

impl Default for Page {
    fn default() -> Self {
        Self { page: Bounded(1), per_page: Bounded(10) }
    }
}

async fn page(Query(Page { page, per_page }): Query<Page>) -> Json<Vec<User>> {
    let skipped = (page.0 - 1) * per_page.0;
    Json((skipped + 1..=USERS.min(skipped + per_page.0)).map(User::new).collect())
}
