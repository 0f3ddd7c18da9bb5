//! The last line of the block names the error.

#[tokio::main]
async fn main() {
    let job = async {
        let port: u16 = "8080".parse()?;
        println!("{port}");
        Ok::<(), anyhow::Error>(())
    };
    println!("{}", job.await.is_ok());
}
