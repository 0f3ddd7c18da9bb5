//! A task may outlive the function that spawned it, so it cannot borrow from there: E0373
// ANCHOR: borrowed_by_a_task
pub async fn greet(name: String) {
    spawn(async { println!("hello, {name}") }); //~ may outlive borrowed value `name`
}
// ANCHOR_END: borrowed_by_a_task

/// Asks for what `tokio::spawn` asks for.
fn spawn<F>(future: F)
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    drop(future);
}
