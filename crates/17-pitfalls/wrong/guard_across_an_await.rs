//! The guard of a std mutex must not cross an await: future cannot be sent between threads safely
use std::sync::{Arc, Mutex};

// ANCHOR: guard_across_an_await
pub fn start(total: Arc<Mutex<u32>>) {
    spawn(add(total)); //~ future returned by `add` is not `Send`
}

async fn add(total: Arc<Mutex<u32>>) {
    let mut total = total.lock().expect("not poisoned"); //~ which is not `Send`
    *total += fetch().await; //~ await occurs here, with `mut total` maybe used later
}
// ANCHOR_END: guard_across_an_await

async fn fetch() -> u32 {
    1
}

/// Has the same bounds as `tokio::spawn`.
fn spawn<F>(future: F)
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    drop(future);
}
