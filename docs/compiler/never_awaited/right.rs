//! `.await` runs the future.

#[tokio::main]
async fn main() {
    close_shop().await;
}

async fn close_shop() {
    println!("closed");
}
