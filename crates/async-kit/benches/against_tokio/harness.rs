//! If two sides alternate every half millisecond, the noise of the machine affects both equally.

use std::{
    env,
    hint::black_box,
    time::{Duration, Instant},
};

use tokio::runtime::{Builder, Runtime};

pub(crate) use Target::{Adds, Times, Under};

/// The relative difference of a median between two runs on a machine that is not idle.
pub(crate) const NOISE: f64 = 0.05;

/// The time of one side. Long enough that the cost of reading the clock is negligible. Shorter than a
/// time slice of the scheduler, so that on a busy machine most sides are not interrupted, and the
/// medians are those of uninterrupted sides.
const SIDE: Duration = Duration::from_micros(500);

/// Odd, so that there is a middle one.
const PAIRS: usize = 301;

/// The limit of a row.
#[derive(Clone, Copy)]
pub(crate) enum Target {
    /// The kit takes at most this many times as long as the peer.
    Times(f64),
    /// The kit takes at most this many nanoseconds longer than the peer.
    Adds(f64),
    /// The kit takes less than this many nanoseconds, whatever the peer takes.
    Under(f64),
}

/// The medians over all pairs of sides, in nanoseconds per operation.
struct Medians {
    kit: f64,
    peer: f64,
    ratio: f64,
    difference: f64,
}

impl Target {
    fn is_met(self, seen: &Medians) -> bool {
        match self {
            Times(limit) => seen.ratio <= limit * (1.0 + NOISE),
            Adds(limit) => seen.difference <= limit,
            Under(limit) => seen.kit <= limit,
        }
    }

    fn text(self) -> String {
        match self {
            Times(limit) => format!("{limit:.2} x"),
            Adds(limit) => format!("+{limit} ns"),
            Under(limit) => format!("< {limit} ns"),
        }
    }
}

/// Runs rows and prints each as soon as it is measured.
pub(crate) struct Bench {
    wanted: Vec<String>,
    pairs: usize,
    side: Duration,
    over: usize,
}

impl Bench {
    /// `cargo bench` passes `--bench`. Without it (`cargo test --benches`) each row runs once, and
    /// nothing is measured.
    pub(crate) fn from_args() -> Self {
        let (options, wanted): (Vec<_>, Vec<_>) =
            env::args().skip(1).partition(|arg| arg.starts_with("--"));
        let measures = options.iter().any(|option| option == "--bench");
        let (pairs, side) = if measures { (PAIRS, SIDE) } else { (1, Duration::ZERO) };
        print_line("", "", ["kit", "peer", "ratio", "target", ""].map(String::from));
        Self { wanted, pairs, side, over: 0 }
    }

    pub(crate) fn wants(&self, name: &str) -> bool {
        self.wanted.is_empty() || self.wanted.iter().any(|word| name.contains(word))
    }

    /// Measures `kit` against `peer`. Each gets a number of operations to run.
    pub(crate) fn row<K, P>(
        &mut self,
        name: &str,
        kit: impl Fn(u64) -> K,
        peer: impl Fn(u64) -> P,
        target: Target,
    ) where
        K: Future<Output = ()> + Send + 'static,
        P: Future<Output = ()> + Send + 'static,
    {
        if !self.wants(name) {
            return;
        }
        for (runtime, threads) in [(one_thread(), "1"), (two_workers(), "2")] {
            let run_kit = |n| timed(&runtime, kit(n));
            let run_peer = |n| timed(&runtime, peer(n));
            let seen = self.measure(run_kit, run_peer);
            self.print_row(name, threads, target, &seen);
        }
    }

    fn measure(
        &self,
        kit: impl Fn(u64) -> Duration,
        peer: impl Fn(u64) -> Duration,
    ) -> Medians {
        let n = self.operations_per_side(&kit, &peer);
        let pairs: Vec<_> = (0..self.pairs)
            .map(|pair| {
                // The second side finds warm caches, so the order changes from pair to pair.
                let (kit, peer) = if pair % 2 == 0 {
                    let kit = kit(n);
                    (kit, peer(n))
                } else {
                    let peer = peer(n);
                    (kit(n), peer)
                };
                (per_operation(kit, n), per_operation(peer, n))
            })
            .collect();
        let over = |f: fn(&(f64, f64)) -> f64| median(pairs.iter().map(f).collect());
        Medians {
            kit: over(|(kit, _)| *kit),
            peer: over(|(_, peer)| *peer),
            ratio: over(|(kit, peer)| kit / peer),
            difference: over(|(kit, peer)| kit - peer),
        }
    }

    /// Returns how many operations make a side long enough to measure. This also warms both up.
    fn operations_per_side(
        &self,
        kit: impl Fn(u64) -> Duration,
        peer: impl Fn(u64) -> Duration,
    ) -> u64 {
        let mut n = 1000;
        while kit(n).min(peer(n)) < self.side {
            n *= 2;
        }
        n
    }

    fn print_row(&mut self, name: &str, threads: &str, target: Target, seen: &Medians) {
        let ok = target.is_met(seen);
        self.over += usize::from(!ok);
        let Medians { kit, peer, ratio, .. } = seen;
        let cells = [
            format!("{kit:.1} ns"),
            format!("{peer:.1} ns"),
            format!("{ratio:.2}"),
            target.text(),
            result(ok),
        ];
        print_line(name, threads, cells);
    }

    /// Prints a row that compares a measured size with the allowed size, both in KiB.
    pub(crate) fn kib(&mut self, name: &str, measured: u64, allowed: u64) {
        let ok = measured <= allowed;
        self.over += usize::from(!ok);
        let cells = [format!("{measured} KiB"), String::new(), String::new()];
        let [kit, peer, ratio] = cells;
        print_line(name, "1", [kit, peer, ratio, format!("{allowed} KiB"), result(ok)]);
    }

    /// Prints how many rows missed their target. The process does not fail: the speed of a machine
    /// must not decide whether a build passes.
    pub(crate) fn finish(self) {
        println!("\nmedians of {} pairs; {} over target", self.pairs, self.over);
    }
}

fn result(ok: bool) -> String {
    if ok { "ok" } else { "over" }.to_owned()
}

fn print_line(
    name: &str,
    threads: &str,
    [kit, peer, ratio, target, result]: [String; 5],
) {
    println!(
        "{name:<45} {threads:>2} {kit:>11} {peer:>11} {ratio:>6} {target:>9}  {result}"
    );
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn per_operation(took: Duration, n: u64) -> f64 {
    took.as_nanos() as f64 / n as f64
}

fn timed(runtime: &Runtime, side: impl Future<Output = ()> + Send + 'static) -> Duration {
    // Spawned, because a runtime treats its root future differently from its tasks.
    let side = runtime.spawn(async {
        let start = Instant::now();
        side.await;
        start.elapsed()
    });
    runtime.block_on(side).expect("a side of a bench does not panic")
}

pub(crate) fn one_thread() -> Runtime {
    Builder::new_current_thread().enable_time().build().expect("a runtime")
}

fn two_workers() -> Runtime {
    Builder::new_multi_thread()
        .worker_threads(2)
        .enable_time()
        .build()
        .expect("a runtime")
}

/// Both sides of the row that shows how large the noise is.
pub(crate) async fn same(n: u64) {
    let mutex = tokio::sync::Mutex::new(0);
    for _ in 0..n {
        *black_box(mutex.lock().await) += 1;
    }
}
