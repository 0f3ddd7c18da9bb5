//! The compiler reports: E0502

#[tokio::main]
async fn main() {
    let mut names = vec!["Ann"];
    let greeting = greet(&names);
    names.push("Bob");
    greeting.await;
}

async fn greet(names: &[&str]) {
    println!("hello, {}", names.join(" and "));
}
