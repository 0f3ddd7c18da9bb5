//! The compiler reports: E0596

use tokio::sync::mpsc;

#[tokio::main]
async fn main() {
    let (sender, receiver) = mpsc::channel(1);
    sender.send("hello").await.expect("a receiver");
    println!("{:?}", receiver.recv().await);
}
