//! A link decides about each packet of one client, so that no client changes the fate of another's packets.

use std::{
    ops::{Range, RangeInclusive},
    time::Duration,
};

use tokio::time::Instant;

/// What becomes of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It arrives after this time.
    Arrives(Duration),
    /// It never arrives.
    Lost,
    /// It arrives after each of these times.
    Twice(Duration, Duration),
}

/// Decides about the packets of one client, in both directions.
pub trait Link: Send {
    /// What becomes of the packet that is sent now.
    fn fate(&mut self) -> Fate;
}

/// A link that loses and repeats packets at random, and delays each. The same seed makes the same choices.
#[derive(Clone, Debug)]
pub struct Random {
    random: fastrand::Rng,
    lost: f64,
    twice: f64,
    delay: RangeInclusive<Duration>,
}

impl Random {
    /// A link on which each packet takes a time of this range, and none is lost. Whole milliseconds.
    pub fn new(seed: u64, delay: RangeInclusive<Duration>) -> Self {
        Self { random: fastrand::Rng::with_seed(seed), lost: 0.0, twice: 0.0, delay }
    }

    /// Loses this share of the packets, from 0 to 1. Default: 0.
    #[must_use]
    pub fn losing(self, lost: f64) -> Self {
        Self { lost, ..self }
    }

    /// Lets this share of the packets that are not lost arrive twice, from 0 to 1. Default: 0.
    #[must_use]
    pub fn repeating(self, twice: f64) -> Self {
        Self { twice, ..self }
    }

    fn delay(&mut self) -> Duration {
        let millis = |time: &Duration| time.as_millis() as u64;
        let (from, to) = (millis(self.delay.start()), millis(self.delay.end()));
        Duration::from_millis(self.random.u64(from..=to))
    }
}

impl Link for Random {
    fn fate(&mut self) -> Fate {
        if self.random.f64() < self.lost {
            Fate::Lost
        } else if self.random.f64() < self.twice {
            Fate::Twice(self.delay(), self.delay())
        } else {
            Fate::Arrives(self.delay())
        }
    }
}

/// A link that is cut for a time: what is sent then is lost, in both directions.
#[derive(Clone, Debug)]
pub struct Cut<L> {
    link: L,
    during: Range<Instant>,
}

impl<L> Cut<L> {
    /// Cuts this link from the first of these times on, until the second.
    pub fn new(link: L, during: Range<Instant>) -> Self {
        Self { link, during }
    }
}

impl<L: Link> Link for Cut<L> {
    fn fate(&mut self) -> Fate {
        // It is asked in any case: a cut changes nothing for the packets after it.
        let fate = self.link.fate();
        if self.during.contains(&Instant::now()) { Fate::Lost } else { fate }
    }
}
