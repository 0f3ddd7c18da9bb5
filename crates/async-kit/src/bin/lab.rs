//! This program runs the lab server, for any HTTP client, until Ctrl-C stops it.
//!
//! If its argument is the path of a folder, it serves that folder instead of the lab's own routes.

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
