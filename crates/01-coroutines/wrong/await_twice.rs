//! A future cannot be awaited twice: E0382
// ANCHOR: await_twice
pub async fn both() -> (u32, u32) {
    let answer = compute();
    (answer.await, answer.await)
}

async fn compute() -> u32 {
    42
}
// ANCHOR_END: await_twice
