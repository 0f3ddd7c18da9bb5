//! A future that contains itself has no size: E0733
// ANCHOR: endless_future
pub async fn count_down(from: u32) { //~ recursion in an async fn requires boxing
    if from > 0 {
        count_down(from - 1).await; //~ recursive call here
    }
}
// ANCHOR_END: endless_future
