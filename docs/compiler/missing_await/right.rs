//! `.await` runs the future and returns its value.

#[tokio::main]
async fn main() {
    let pages: u32 = count_pages().await;
    println!("{pages}");
}

async fn count_pages() -> u32 {
    3
}
