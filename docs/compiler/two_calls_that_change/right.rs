//! A lock lets one future at a time change the value.

use tokio::sync::Mutex;

#[tokio::main]
async fn main() {
    let account = Mutex::new(Account(10));
    tokio::join!(pay(&account, 1), pay(&account, 2));
    println!("{} left", account.lock().await.0);
}

async fn pay(account: &Mutex<Account>, amount: u32) {
    account.lock().await.pay(amount).await;
}

struct Account(u32);

impl Account {
    async fn pay(&mut self, amount: u32) {
        self.0 -= amount;
    }
}
