//! An async closure knows the type of its argument.

#[tokio::main]
async fn main() {
    with(async |printer| printer.print("hi").await).await;
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
