//! The compiler reports: E0599

use futures::stream;

#[tokio::main]
async fn main() {
    let mut numbers = stream::iter([1, 2]);
    println!("{:?}", numbers.next().await);
}
