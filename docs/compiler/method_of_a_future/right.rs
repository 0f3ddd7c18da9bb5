//! `.await` comes first, then the method.

#[tokio::main]
async fn main() {
    println!("{} pages", titles().await.len());
}

async fn titles() -> Vec<&'static str> {
    vec!["Queues", "Tasks"]
}
