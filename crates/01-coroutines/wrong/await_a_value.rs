//! A value that is not a future cannot be awaited: E0277
// ANCHOR: await_a_value
pub async fn read() -> u32 {
    compute().await
}

fn compute() -> u32 {
    42
}
// ANCHOR_END: await_a_value
