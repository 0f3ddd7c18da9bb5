//! A run is condemned for what did not happen, never for the time it took alone.

use std::{collections::VecDeque, time::Duration};

use tokio::time::Instant;

use super::{pulse::Counts, record::Signs};

/// How often a run is looked at.
pub(super) const TICK: Duration = Duration::from_millis(200);

/// Looks without a sign of life, 4.4 s: a section may compute for 4 s, and a report is due
/// within 5. Looks and not seconds, so that a process that was stopped condemns nobody.
pub(super) const PATIENCE: usize = 22;

/// Looks after which a run that moves, but neither says anything nor makes or ends a lane, is
/// condemned: 6.6 s. An honest simulation may compute for a while too.
const SILENCE: usize = 33;

/// A clock that runs this much faster than the real one races.
const RACE: u32 = 4;

/// Looks after which a racing clock condemns a run even if it shows signs of life: 30 s.
const LONG_RACE: usize = 150;

/// What is seen at one look at a run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    /// Polls of the root and of lanes, and parks: anything that shows that polls still end.
    pub(super) polls: u64,
    /// Polls of the section itself.
    pub(super) section: u64,
    /// How often the runtime had nothing to run.
    pub(super) parks: u64,
    /// Lanes made and ended, lanes and tasks: who comes and goes.
    pub(super) turns: u64,
    /// Tasks alive.
    pub(super) tasks: usize,
    /// Lines said.
    pub(super) lines: u64,
    /// The virtual time.
    pub(super) now: Instant,
}

impl Look {
    pub(super) fn new(counts: &Counts, signs: Signs, tasks: usize, now: Instant) -> Self {
        Self {
            polls: counts.answers + counts.parks + counts.section + signs.polls,
            section: counts.section,
            parks: counts.parks,
            turns: signs.turns,
            tasks,
            lines: signs.lines,
            now,
        }
    }
}

/// Why a run is condemned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// One poll holds the runtime, and does not return.
    Blocked,
    /// The clock has raced since this moment, and the run gets nowhere.
    Racing(Instant),
    /// Tasks yield to each other, and the clock stands still.
    Spinning,
}

/// Remembers for how long which sign of life has been missing.
#[derive(Default)]
pub(super) struct Judge {
    polls: Quiet<u64>,
    section: Quiet<u64>,
    parks: Quiet<u64>,
    turns: Quiet<(u64, usize)>,
    lines: Quiet<u64>,
    /// The virtual times of the last looks.
    times: VecDeque<Instant>,
    racing: usize,
}

impl Judge {
    /// Judges by this look and by those before it.
    pub(super) fn see(&mut self, look: &Look) -> Option<Verdict> {
        let polls = self.polls.looks(look.polls);
        let section = self.section.looks(look.section);
        let parks = self.parks.looks(look.parks);
        let turns = self.turns.looks((look.turns, look.tasks));
        let lines = self.lines.looks(look.lines);
        let raced_since = self.raced_since(look.now);
        self.racing = if raced_since.is_some() { self.racing + 1 } else { 0 };

        let stuck = turns.min(section) >= PATIENCE;
        let silent = turns.min(lines) >= SILENCE;
        if polls.min(turns).min(lines) >= PATIENCE {
            Some(Verdict::Blocked)
        } else if parks.min(turns).min(lines) >= SILENCE {
            Some(Verdict::Spinning)
        } else if stuck || silent || self.racing >= LONG_RACE {
            raced_since.map(Verdict::Racing)
        } else {
            None
        }
    }

    /// The virtual time [`PATIENCE`] looks ago, if the clock has raced since.
    fn raced_since(&mut self, now: Instant) -> Option<Instant> {
        self.times.push_back(now);
        if self.times.len() <= PATIENCE {
            return None;
        }
        let patience = PATIENCE as u32 * TICK;
        self.times.pop_front().filter(|before| now - *before > RACE * patience)
    }
}

/// For how many looks a value has been the same.
#[derive(Default)]
struct Quiet<T> {
    last: T,
    looks: usize,
}

impl<T: PartialEq> Quiet<T> {
    fn looks(&mut self, value: T) -> usize {
        self.looks = if value == self.last { self.looks + 1 } else { 0 };
        self.last = value;
        self.looks
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Millis, virtual_time};

    /// Looks until the verdict, at most 60 s of them; `live` changes the run between two looks.
    fn verdict_on(live: impl Fn(&mut Look) + Send + 'static) -> Option<(usize, Verdict)> {
        virtual_time(async move {
            let now = Instant::now();
            let quiet = Counts { answers: 0, section: 1, parks: 0 };
            let mut look = Look::new(&quiet, Signs::default(), 1, now);
            let mut judge = Judge::default();
            (1..=300).find_map(|n| {
                live(&mut look);
                judge.see(&look).map(|verdict| (n, verdict))
            })
        })
    }

    #[test]
    fn a_run_without_any_sign_of_life_is_blocked_within_five_seconds() {
        let (looks, verdict) = verdict_on(|_| {}).expect("condemned");
        assert_eq!(verdict, Verdict::Blocked);
        assert!(TICK * looks as u32 > 4.secs(), "{looks} looks");
        assert!(TICK * looks as u32 <= 4800.ms(), "{looks} looks");
    }

    #[test]
    fn tasks_that_end_are_a_sign_of_life_while_the_root_has_no_turn() {
        let verdict = verdict_on(|look| look.tasks += 1);
        assert_eq!(verdict, None);
    }

    #[test]
    fn polls_that_end_are_a_sign_of_life_while_the_clock_stands() {
        let verdict = verdict_on(|look| {
            look.polls += 1;
            look.parks += 1;
        });
        assert_eq!(verdict, None);
    }

    #[test]
    fn a_racing_clock_condemns_a_section_that_is_stuck() {
        let (looks, verdict) = verdict_on(|look| {
            (look.polls, look.parks, look.lines) =
                (look.polls + 1, look.parks + 1, look.lines + 1);
            look.now += 60.secs();
        })
        .expect("condemned");
        assert!(matches!(verdict, Verdict::Racing(_)), "{verdict:?}");
        assert!(TICK * looks as u32 <= 4800.ms(), "{looks} looks");
    }

    #[test]
    fn a_racing_clock_condemns_a_section_that_asks_for_ever_and_says_nothing() {
        let verdict = verdict_on(|look| {
            (look.polls, look.parks, look.section) =
                (look.polls + 1, look.parks + 1, look.section + 1);
            look.now += 60.secs();
        });
        assert!(matches!(verdict, Some((34, Verdict::Racing(_)))), "{verdict:?}");
    }

    #[test]
    fn a_section_that_makes_and_ends_lanes_may_race_for_half_a_minute() {
        let (looks, verdict) = verdict_on(|look| {
            (look.polls, look.parks, look.turns) =
                (look.polls + 1, look.parks + 1, look.turns + 1);
            look.now += 60.secs();
        })
        .expect("condemned");
        assert!(matches!(verdict, Verdict::Racing(_)), "{verdict:?}");
        assert!(TICK * looks as u32 > 30.secs(), "{looks} looks");
    }

    #[test]
    fn a_clock_as_fast_as_the_real_one_does_not_race() {
        let verdict = verdict_on(|look| {
            (look.polls, look.parks) = (look.polls + 1, look.parks + 1);
            look.now += TICK;
        });
        assert_eq!(verdict, None);
    }

    #[test]
    fn yielding_for_ever_is_spinning_and_yielding_for_four_seconds_is_not() {
        let (looks, verdict) = verdict_on(|look| look.polls += 1).expect("condemned");
        assert_eq!(verdict, Verdict::Spinning);
        assert!(TICK * looks as u32 > 6.secs(), "{looks} looks");
    }
}
