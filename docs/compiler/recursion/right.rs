//! `Box::pin` puts the inner future on the heap.

#[tokio::main]
async fn main() {
    count_down(3).await;
}

async fn count_down(from: u32) {
    println!("{from}");
    if from > 0 {
        Box::pin(count_down(from - 1)).await;
    }
}
