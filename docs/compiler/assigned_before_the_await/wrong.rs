//! The compiler reports: E0506

#[tokio::main]
async fn main() {
    let mut count = 1;
    let report = print(&count);
    count += 1;
    report.await;
    println!("{count} at the end");
}

async fn print(count: &u32) {
    println!("{count}");
}
