//! `map` makes the futures, and `join_all` awaits them.

use futures::future::join_all;

#[tokio::main]
async fn main() {
    let lengths = join_all(["Ann", "Bob"].map(length)).await;
    println!("{lengths:?}");
}

async fn length(name: &str) -> usize {
    name.len()
}
