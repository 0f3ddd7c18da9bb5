//! Each section prints the same lines as its asyncio twin, at the same times.

#[test]
fn twins_agree() {
    async_kit::parity::check("distributed");
}
