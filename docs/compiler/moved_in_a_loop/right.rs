//! Each task owns a reference of its own to the same text.

use std::sync::Arc;

use tokio::task::JoinSet;

#[tokio::main]
async fn main() {
    let host = Arc::new(String::from("example.com"));
    let mut tasks = JoinSet::new();
    for page in 1..=2 {
        let host = Arc::clone(&host);
        tasks.spawn(async move { println!("{host}/{page}") });
    }
    tasks.join_all().await;
}
