//! A function that is not async is called without `.await`.

#[tokio::main]
async fn main() {
    println!("{}", add(1, 2));
}

fn add(a: u32, b: u32) -> u32 {
    a + b
}
