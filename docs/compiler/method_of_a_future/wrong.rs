//! The compiler reports: E0599

#[tokio::main]
async fn main() {
    println!("{} pages", titles().len());
}

async fn titles() -> Vec<&'static str> {
    vec!["Queues", "Tasks"]
}
