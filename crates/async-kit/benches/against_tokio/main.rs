//! Each pattern costs little more than the plain Tokio that it replaces.
//!
//! `cargo bench -p async-kit` runs every row; words after `--` select rows by name
//! (`cargo bench -p async-kit -- pool`). A row compares the kit with plain Tokio on the same task.
//!
//! No benchmark library is used. It would measure the two sides one after the other, a second apart,
//! and other programs on the machine would change their ratio. Here the sides alternate every half millisecond
//! (A B, B A, A B, …), each pair gives one ratio, and the table shows medians over all pairs. Every row
//! runs on a current-thread runtime and on one with two worker threads, always in a spawned task.
//!
//! `target` is the limit of a row. A row is `over` if its median exceeds the limit by more than
//! [`harness::NOISE`]. The first row runs the same code on both sides: the difference of its ratio from
//! 1.00 shows how exact the other rows are.

mod batch;
mod harness;
mod pool;
mod queues;
mod stage;
mod sync;
mod tasks;
mod time;

use harness::Bench;

fn main() {
    let mut bench = Bench::from_args();
    // The first row, because it measures the peak memory of the process.
    batch::memory(&mut bench);
    bench.row("the same code twice", harness::same, harness::same, harness::Times(1.0));
    pool::rows(&mut bench);
    queues::rows(&mut bench);
    sync::rows(&mut bench);
    tasks::rows(&mut bench);
    time::rows(&mut bench);
    batch::rows(&mut bench);
    stage::rows(&mut bench);
    bench.finish();
}
