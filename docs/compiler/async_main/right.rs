//! `#[tokio::main]` makes a plain `main` with a runtime.

#[tokio::main]
async fn main() {
    println!("hello");
}
