//! The compiler reports: unused_must_use

#[tokio::main]
async fn main() {
    close_shop();
}

async fn close_shop() {
    println!("closed");
}
