//! What a task returns goes back to another thread: E0277
use std::rc::Rc;

// ANCHOR: rc_as_a_result
pub fn start() {
    spawn(async { Rc::new(1) }); //~ `Rc<{integer}>` cannot be sent between threads safely
}
// ANCHOR_END: rc_as_a_result

/// Asks for what `tokio::spawn` asks for.
fn spawn<F>(future: F)
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    drop(future);
}
