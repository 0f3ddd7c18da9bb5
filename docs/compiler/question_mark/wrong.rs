//! The compiler reports: E0277

#[tokio::main]
async fn main() {
    let port: u16 = "8080".parse()?;
    println!("{port}");
}
