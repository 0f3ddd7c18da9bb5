//! The task owns a reference to the object.

use std::sync::Arc;

use tokio::task::JoinHandle;

#[tokio::main]
async fn main() {
    let shop = Arc::new(Shop("Ann".to_owned()));
    shop.open().await.expect("no panic");
}

struct Shop(String);

impl Shop {
    fn open(self: &Arc<Self>) -> JoinHandle<()> {
        let shop = Arc::clone(self);
        tokio::spawn(async move { println!("{} is open", shop.0) })
    }
}
