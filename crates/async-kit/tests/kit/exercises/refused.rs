//! The program of an exercise that its check refuses, and the check.

use async_kit::exercise::{observe, show};

pub(super) const FILE: &str = file!();

async fn answer() {
    panic!("oh");
}

#[test]
#[ignore = "another test starts it"]
fn shown() {
    show(answer());
}

#[test]
#[ignore = "another test starts it"]
fn checked() {
    observe(answer());
}
