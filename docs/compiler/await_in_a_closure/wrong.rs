//! The compiler reports: E0728

#[tokio::main]
async fn main() {
    let lengths = ["Ann", "Bob"].map(|name| length(name).await);
    println!("{lengths:?}");
}

async fn length(name: &str) -> usize {
    name.len()
}
