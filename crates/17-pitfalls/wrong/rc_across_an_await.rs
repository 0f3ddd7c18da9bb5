//! A future that holds an Rc cannot move to another thread: future cannot be sent between threads safely
use std::rc::Rc;

// ANCHOR: rc_across_an_await
pub fn start() {
    spawn(visit()); //~ future returned by `visit` is not `Send`
}

async fn visit() {
    let visits = Rc::new(1); //~ has type `Rc<i32>` which is not `Send`
    pause().await; //~ await occurs here, with `visits` maybe used later
    println!("{visits} visits");
}
// ANCHOR_END: rc_across_an_await

async fn pause() {}

/// Has the same bounds as `tokio::spawn`.
fn spawn<F>(future: F)
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    drop(future);
}
