//! The future owns its argument.

#[tokio::main]
async fn main() {
    let name = String::from("Ann");
    let task = tokio::spawn(greet(name));
    task.await.expect("no panic");
}

async fn greet(name: String) {
    println!("hello, {name}");
}
