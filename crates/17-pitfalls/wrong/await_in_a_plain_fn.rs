//! Only an async fn can await: E0728
// ANCHOR: await_in_a_plain_fn
pub fn report() -> String {
    let pages = count_pages().await; //~ only allowed inside `async` functions and blocks
    format!("{pages} pages")
}
// ANCHOR_END: await_in_a_plain_fn

async fn count_pages() -> u32 {
    3
}
