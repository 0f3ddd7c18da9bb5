//! The compiler reports: E0432

use tokio::signal::ctrl_c;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    ctrl_c().await
}
