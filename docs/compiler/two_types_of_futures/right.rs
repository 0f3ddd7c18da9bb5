//! `join!` awaits futures of different types.

#[tokio::main]
async fn main() {
    println!("{:?}", tokio::join!(from_cache(), from_disk()));
}

async fn from_cache() -> u32 {
    1
}

async fn from_disk() -> u32 {
    2
}
