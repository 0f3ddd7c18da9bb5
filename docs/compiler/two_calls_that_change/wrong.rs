//! The compiler reports: E0499

#[tokio::main]
async fn main() {
    let mut account = Account(10);
    tokio::join!(account.pay(1), account.pay(2));
    println!("{} left", account.0);
}

struct Account(u32);

impl Account {
    async fn pay(&mut self, amount: u32) {
        self.0 -= amount;
    }
}
