//! The lab server as a program: any HTTP client can use it until Ctrl-C stops it.
//!
//! With the path of a folder as its argument, it serves that folder instead of its own routes.

use std::env;

use async_kit::lab::Lab;

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let lab = match env::args_os().nth(1) {
        Some(folder) => Lab::serve_dir(folder).await?,
        None => Lab::start().await?,
    };
    println!("{}\n", lab.url("/"));
    for route in lab.routes() {
        println!("{:<52}{}", route.usage, route.about);
    }
    println!("\nCtrl-C stops it.");
    tokio::signal::ctrl_c().await?;
    Ok(())
}
