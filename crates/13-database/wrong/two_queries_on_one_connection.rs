//! A connection that is busy with one query refuses a second: E0499
pub struct Connection;

impl Connection {
    /// Borrows the connection exclusively until the reply arrives, as sqlx does.
    pub async fn execute(&mut self, _sql: &str) -> u64 {
        1
    }
}

// ANCHOR: two_queries
pub async fn both(connection: &mut Connection) -> (u64, u64) {
    let ada = connection.execute("UPDATE accounts SET balance = 7 WHERE name = 'ada'");
    let bob = connection.execute("UPDATE accounts SET balance = 7 WHERE name = 'bob'");
    (ada.await, bob.await)
}
// ANCHOR_END: two_queries
