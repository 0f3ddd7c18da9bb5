//! The variable is declared with `mut`.

use tokio::sync::mpsc;

#[tokio::main]
async fn main() {
    let (sender, mut receiver) = mpsc::channel(1);
    sender.send("hello").await.expect("a receiver");
    println!("{:?}", receiver.recv().await);
}
