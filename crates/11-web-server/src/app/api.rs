//! A handler translates a request into a call of the service, and the result into a response.
//!
//! aiohttp: `request.match_info["id"]` is a string, and `await request.json()` can be any value.
//! axum: the types of a handler's arguments define what the request must contain, and axum parses them
//! before the handler runs. If an argument is a `Result`, the handler can write the error itself.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{
        Path, State,
        rejection::{JsonRejection, PathRejection},
    },
    http::{Method, StatusCode, Uri, header::LOCATION},
    response::IntoResponse,
    routing::{get, post},
};

use super::{
    problem::Problem,
    repository::Repository,
    service::Users,
    user::{Person, User, UserId},
};

// ANCHOR: api
/// The routes. All requests share one service.
pub(crate) fn routes<R: Repository>(users: Users<R>) -> Router {
    Router::new()
        .route("/", get(async || "Hello, async world!"))
        .route("/users", post(add_user::<R>))
        .route("/users/{id}", get(find_user::<R>))
        .fallback(no_such_address)
        .method_not_allowed_fallback(no_such_method)
        .with_state(Arc::new(users))
}

async fn find_user<R: Repository>(
    State(users): State<Arc<Users<R>>>,
    id: Result<Path<UserId>, PathRejection>,
) -> Result<Json<User>, Problem> {
    let Path(id) = id?;
    Ok(Json(users.find(id).await?))
}

async fn add_user<R: Repository>(
    State(users): State<Arc<Users<R>>>,
    person: Result<Json<Person>, JsonRejection>,
) -> Result<impl IntoResponse, Problem> {
    let Json(person) = person?;
    let user = users.add(person).await?;
    let address = format!("/users/{}", user.id);
    Ok((StatusCode::CREATED, [(LOCATION, address)], Json(user)))
}
// ANCHOR_END: api

async fn no_such_address(uri: Uri) -> Problem {
    Problem::new(StatusCode::NOT_FOUND, format!("there is nothing at {}", uri.path()))
}

async fn no_such_method(method: Method, uri: Uri) -> Problem {
    let detail = format!("{} does not support {method}", uri.path());
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, detail)
}
