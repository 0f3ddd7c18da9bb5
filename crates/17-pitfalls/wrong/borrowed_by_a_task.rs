//! A task may outlive the function that spawned it, so it cannot borrow its variables: E0373
// ANCHOR: borrowed_by_a_task
pub async fn greet(name: String) {
    spawn(async { println!("hello, {name}") }); //~ may outlive borrowed value `name`
}
// ANCHOR_END: borrowed_by_a_task

/// Has the same bounds as `tokio::spawn`.
fn spawn<F>(future: F)
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    drop(future);
}
