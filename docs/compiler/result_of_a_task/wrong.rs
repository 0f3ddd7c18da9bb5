//! The compiler reports: E0277

use std::rc::Rc;

#[tokio::main]
async fn main() {
    let task = tokio::spawn(async { Rc::new(1) });
    println!("{}", task.await.expect("no panic"));
}
