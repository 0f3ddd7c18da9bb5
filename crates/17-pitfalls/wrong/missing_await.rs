//! A future is not the value that it returns: E0308
// ANCHOR: missing_await
pub async fn report() -> String {
    let pages: u32 = count_pages(); //~ expected `u32`, found future
    format!("{pages} pages")
}
// ANCHOR_END: missing_await

async fn count_pages() -> u32 {
    3
}
