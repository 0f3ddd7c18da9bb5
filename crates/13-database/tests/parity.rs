//! Each section prints the lines of its asyncio twin, at the same times.

#[test]
fn twins_agree() {
    async_kit::parity::check("database");
}
