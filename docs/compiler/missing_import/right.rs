//! `StreamExt` is the trait that has `next`.

use futures::{StreamExt, stream};

#[tokio::main]
async fn main() {
    let mut numbers = stream::iter([1, 2]);
    println!("{:?}", numbers.next().await);
}
