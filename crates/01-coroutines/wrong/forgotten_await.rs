//! If this lint is denied, a future that is never awaited does not compile: unused_must_use
// ANCHOR: forgotten_await
#![deny(unused_must_use)]

pub async fn save() {
    flush(); // without `.await` nothing is flushed
}

async fn flush() {}
// ANCHOR_END: forgotten_await
