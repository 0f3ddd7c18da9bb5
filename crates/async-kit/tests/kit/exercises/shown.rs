//! The programs of an exercise that no check refuses.

use async_kit::{
    exercise::{UNKNOWN, show, show_in_real_time, show_prediction},
    say,
};
use tokio::task::spawn_blocking;

pub(super) const FILE: &str = file!();

async fn thinks() {
    say!("thinks");
}

#[test]
#[ignore = "another test starts it"]
fn a_value() {
    show(async {
        thinks().await;
        42
    });
}

#[test]
#[ignore = "another test starts it"]
fn a_value_in_real_time() {
    show_in_real_time(async { spawn_blocking(|| 42).await.expect("no panic") });
}

#[test]
#[ignore = "another test starts it"]
fn nothing() {
    show(thinks());
}

#[test]
#[ignore = "another test starts it"]
fn a_panic() {
    show(async {
        thinks().await;
        panic!("oh");
    });
}

#[test]
#[ignore = "another test starts it"]
fn a_prediction() {
    show_prediction(&[(0, "thinks")], thinks());
}

#[test]
#[ignore = "another test starts it"]
fn an_unknown_time() {
    show_prediction(&[(UNKNOWN, "thinks")], thinks());
}
