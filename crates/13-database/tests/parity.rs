//! Each section says what its asyncio twin says, at the same times.

#[test]
fn twins_agree() {
    async_kit::parity::check("database");
}
