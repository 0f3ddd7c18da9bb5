//! The value is dropped after the future.

#[tokio::main]
async fn main() {
    let name = String::from("Ann");
    greet(&name).await;
    drop(name);
}

async fn greet(name: &str) {
    println!("hello, {name}");
}
