//! The compiler reports: E0382

use tokio::task::JoinSet;

#[tokio::main]
async fn main() {
    let host = String::from("example.com");
    let mut tasks = JoinSet::new();
    for page in 1..=2 {
        tasks.spawn(async move { println!("{host}/{page}") });
    }
    tasks.join_all().await;
}
