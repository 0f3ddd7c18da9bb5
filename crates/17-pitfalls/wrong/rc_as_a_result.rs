//! The result of a task may move to another thread: E0277
use std::rc::Rc;

// ANCHOR: rc_as_a_result
pub fn start() {
    spawn(async { Rc::new(1) }); //~ `Rc<{integer}>` cannot be sent between threads safely
}
// ANCHOR_END: rc_as_a_result

/// Has the same bounds as `tokio::spawn`.
fn spawn<F>(future: F)
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    drop(future);
}
