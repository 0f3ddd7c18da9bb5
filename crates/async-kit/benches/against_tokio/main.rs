//! Each pattern costs little more than the plain Tokio it stands for, measured side by side.
//!
//! `cargo bench -p async-kit` runs every row; words after `--` choose rows by name
//! (`cargo bench -p async-kit -- pool`). A row is the kit's way and the plain way of doing the
//! same thing. The harness is our own, and small, because a ratio of two sides measured one
//! after the other, a second apart, says little on a machine that does anything else: here the
//! sides take turns every half millisecond (A B, B A, A B, …), each pair of neighbours gives one
//! ratio, and the table shows medians over all pairs. Every row runs on a current-thread runtime
//! and on one with two worker threads, always inside a spawned task.
//!
//! `target` is what we hold ourselves to; a row is `over` when its median misses that by more
//! than [`harness::NOISE`]. The first row runs the same code on both sides: how far its ratio is
//! from 1.00 tells how much to believe the others.

mod batch;
mod harness;
mod pool;
mod queues;
mod stage;
mod sync;
mod time;

use harness::Bench;

fn main() {
    let mut bench = Bench::from_args();
    // First, because it looks at the largest memory the process has ever had.
    batch::memory(&mut bench);
    bench.row("the same code twice", harness::same, harness::same, harness::Times(1.0));
    pool::rows(&mut bench);
    queues::rows(&mut bench);
    sync::rows(&mut bench);
    time::rows(&mut bench);
    batch::rows(&mut bench);
    stage::rows(&mut bench);
    bench.finish();
}
