//! The future gets a copy of the number.

#[tokio::main]
async fn main() {
    let mut count = 1;
    let report = print(count);
    count += 1;
    report.await;
    println!("{count} at the end");
}

async fn print(count: u32) {
    println!("{count}");
}
