//! The compiler reports: E0505

#[tokio::main]
async fn main() {
    let name = String::from("Ann");
    let greeting = greet(&name);
    drop(name);
    greeting.await;
}

async fn greet(name: &str) {
    println!("hello, {name}");
}
