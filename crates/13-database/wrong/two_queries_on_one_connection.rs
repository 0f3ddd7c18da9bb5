//! A connection that is busy with one query refuses a second: E0499
use sqlx::{AnyConnection, any::AnyQueryResult, query};

// ANCHOR: two_queries
pub async fn both(connection: &mut AnyConnection) -> sqlx::Result<[AnyQueryResult; 2]> {
    let ada = query("UPDATE accounts SET balance = 7 WHERE name = 'ada'");
    let bob = query("UPDATE accounts SET balance = 7 WHERE name = 'bob'");
    let (ada, bob) = (ada.execute(&mut *connection), bob.execute(&mut *connection));
    Ok([ada.await?, bob.await?])
}
// ANCHOR_END: two_queries
