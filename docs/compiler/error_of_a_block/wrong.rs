//! The compiler reports: E0282

#[tokio::main]
async fn main() {
    let job = async {
        let port: u16 = "8080".parse()?;
        println!("{port}");
        Ok(())
    };
    println!("{}", job.await.is_ok());
}
