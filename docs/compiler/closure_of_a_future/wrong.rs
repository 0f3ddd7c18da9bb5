//! The compiler reports: E0282

#[tokio::main]
async fn main() {
    with(|printer| async move { printer.print("hi").await }).await;
}

async fn with(job: impl AsyncFnOnce(&mut Printer)) {
    job(&mut Printer).await;
}

struct Printer;

impl Printer {
    async fn print(&mut self, text: &str) {
        println!("{text}");
    }
}
