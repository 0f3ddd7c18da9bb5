//! The compiler reports: E0308

use futures::future::join_all;

#[tokio::main]
async fn main() {
    println!("{:?}", join_all([from_cache(), from_disk()]).await);
}

async fn from_cache() -> u32 {
    1
}

async fn from_disk() -> u32 {
    2
}
