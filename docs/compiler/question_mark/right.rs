//! `main` returns a `Result`.

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let port: u16 = "8080".parse()?;
    println!("{port}");
    Ok(())
}
