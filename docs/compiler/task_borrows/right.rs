//! `async move` moves the variable into the task.

#[tokio::main]
async fn main() {
    let name = String::from("Ann");
    let task = tokio::spawn(async move { println!("{name}") });
    task.await.expect("no panic");
}
