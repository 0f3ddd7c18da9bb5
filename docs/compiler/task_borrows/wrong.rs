//! The compiler reports: E0373

#[tokio::main]
async fn main() {
    let name = String::from("Ann");
    let task = tokio::spawn(async { println!("{name}") });
    task.await.expect("no panic");
}
