//! The compiler reports: E0597

#[tokio::main]
async fn main() {
    let name = String::from("Ann");
    let task = tokio::spawn(greet(&name));
    task.await.expect("no panic");
}

async fn greet(name: &str) {
    println!("hello, {name}");
}
