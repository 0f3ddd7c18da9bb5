//! The compiler reports: E0752

async fn main() {
    println!("hello");
}
