//! A charge with an idempotency key is made once, even if the request is repeated many times.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Json,
    extract::{Query, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::{Deserialize, Serialize};

use super::{
    bounded::Bounded,
    failed_response::drop_connection,
    refusal::Refusal,
    route::{Entry, entry},
};

pub(super) fn entries() -> Vec<Entry> {
    let shared = Shared::default();
    vec![
        entry(
            "POST /charge?lose=0",
            "charges {\"amount\": cents}, once per Idempotency-Key; drops `lose` responses",
            post(charge).with_state(Arc::clone(&shared)),
        ),
        entry(
            "GET /charges",
            "the totals of all charges",
            get(charges).with_state(shared),
        ),
    ]
}

type Shared = Arc<Mutex<Ledger>>;

#[derive(Default)]
struct Ledger {
    totals: Totals,
    by_key: HashMap<String, Charge>,
    /// How many requests each key had; requests without a key share the empty key.
    requests: HashMap<String, u64>,
}

#[derive(Clone, Copy, Default, Serialize)]
struct Totals {
    /// Requests to charge.
    asked: u64,
    /// Charges that were made.
    executed: u64,
    /// The sum of all charges, in cents.
    amount: u64,
}

#[derive(Clone, Copy, Serialize)]
struct Charge {
    id: u64,
    amount: u64,
}

impl Ledger {
    /// Returns the charge, and whether an earlier request made it.
    fn charge(&mut self, key: &str, amount: u64) -> Result<(Charge, bool), Refusal> {
        match self.by_key.get(key) {
            Some(made) if made.amount == amount => Ok((*made, true)),
            Some(made) => Err(Refusal(
                StatusCode::UNPROCESSABLE_ENTITY,
                format!("the key {key:?} was used to charge {} cents", made.amount),
            )),
            None => {
                let made = self.execute(amount);
                if !key.is_empty() {
                    self.by_key.insert(key.to_owned(), made);
                }
                Ok((made, false))
            }
        }
    }

    fn execute(&mut self, amount: u64) -> Charge {
        self.totals.executed += 1;
        self.totals.amount += amount;
        Charge { id: self.totals.executed, amount }
    }

    fn count(&mut self, key: &str) -> u64 {
        self.totals.asked += 1;
        let requests = self.requests.entry(key.to_owned()).or_default();
        *requests += 1;
        *requests
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChargeOptions {
    /// How many responses are lost for each key: the charge is made, and then the connection is
    /// dropped.
    #[serde(default)]
    lose: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    amount: Bounded<1, 1_000_000_000>,
}

async fn charge(
    State(ledger): State<Shared>,
    Query(options): Query<ChargeOptions>,
    headers: HeaderMap,
    Json(order): Json<Order>,
) -> Result<Response, Refusal> {
    let key = idempotency_key(&headers)?;
    let mut ledger = ledger.lock().unwrap_or_else(PoisonError::into_inner);
    let requests = ledger.count(key);
    let (charge, replayed) = ledger.charge(key, order.amount.0)?;
    if requests <= options.lose {
        return Ok(drop_connection());
    }
    let replayed = [("idempotent-replayed", if replayed { "true" } else { "false" })];
    Ok((replayed, Json(charge)).into_response())
}

/// A request without a key gets the empty key.
fn idempotency_key(headers: &HeaderMap) -> Result<&str, Refusal> {
    let Some(key) = headers.get("idempotency-key") else { return Ok("") };
    let not_text =
        |_| Refusal(StatusCode::BAD_REQUEST, "the key is not plain text".into());
    key.to_str().map_err(not_text)
}

async fn charges(State(ledger): State<Shared>) -> Json<Totals> {
    Json(ledger.lock().unwrap_or_else(PoisonError::into_inner).totals)
}
