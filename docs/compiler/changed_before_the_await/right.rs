//! The list is changed before the future borrows it.

#[tokio::main]
async fn main() {
    let mut names = vec!["Ann"];
    names.push("Bob");
    greet(&names).await;
}

async fn greet(names: &[&str]) {
    println!("hello, {}", names.join(" and "));
}
