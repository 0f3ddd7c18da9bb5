//! The compiler reports: E0308

#[tokio::main]
async fn main() {
    let pages: u32 = count_pages();
    println!("{pages}");
}

async fn count_pages() -> u32 {
    3
}
