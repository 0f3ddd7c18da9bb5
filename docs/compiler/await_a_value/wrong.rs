//! The compiler reports: E0277

#[tokio::main]
async fn main() {
    println!("{}", add(1, 2).await);
}

fn add(a: u32, b: u32) -> u32 {
    a + b
}
