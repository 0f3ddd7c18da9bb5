//! Every candidate runs once in each round, so other load on the machine affects all candidates.

/// How much is measured.
pub(crate) struct Scale {
    /// An odd number, so that the median is one of the rounds.
    pub(crate) rounds: usize,
    /// How many jobs are published one at a time, and in batches.
    pub(crate) jobs: [usize; 2],
    /// How many messages are acknowledged one at a time, and in batches.
    pub(crate) acks: [usize; 2],
    /// The size of the site.
    pub(crate) pages: usize,
}

pub(crate) const MEASURE: Scale =
    Scale { rounds: 5, jobs: [500, 10_000], acks: [200, 900], pages: 2_000 };

pub(crate) const CHECK: Scale =
    Scale { rounds: 1, jobs: [10, 250], acks: [3, 200], pages: 20 };

/// The sizes of a batch.
pub(crate) const BATCHES: [usize; 2] = [1, 100];

/// The numbers of workers.
pub(crate) const WORKERS: [usize; 3] = [1, 2, 4];

pub(crate) fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
