//! The compiler reports: E0521

use tokio::task::JoinHandle;

#[tokio::main]
async fn main() {
    let shop = Shop("Ann".to_owned());
    shop.open().await.expect("no panic");
}

struct Shop(String);

impl Shop {
    fn open(&self) -> JoinHandle<()> {
        tokio::spawn(async { println!("{} is open", self.0) })
    }
}
