//! A run is condemned for what did not happen, never for the time it took alone.

use std::{collections::VecDeque, time::Duration};

use tokio::time::Instant;

use super::{
    pulse::Counts,
    record::{MAX_EVENTS, Signs},
};

/// How often a run is looked at.
pub(super) const TICK: Duration = Duration::from_millis(200);

/// Looks without a sign of life, 4.4 s: a section may compute for 4 s, and a report is due
/// within 5. Looks and not seconds, so that a process that was stopped condemns nobody.
const PATIENCE: usize = 22;

/// Looks after which a run that moves, but neither says anything nor makes or ends a lane, is
/// condemned: 6.6 s. An honest simulation may compute for a while too.
const SILENCE: usize = 33;

/// A clock that runs this much faster than the real one races.
const RACE: u32 = 4;

/// Looks after which a racing clock condemns a run even if it shows signs of life: 30 s.
const LONG: usize = 150;

/// Jumps of the clock that a section sleeps through before it is condemned although the clock
/// does not race. Jumps and not seconds, so that heavy work condemns nobody: arbitrary, but a
/// thousand steps in 6.6 s compute little each, and brought nobody any further.
const JUMPS: u64 = 1_000;

/// The same for a run that still says something, after 30 s: a heartbeat may be talkative.
const MANY_JUMPS: u64 = 10_000;

/// Lines said, lanes made and lanes ended, that are no sign of life but of a loop gone wild if
/// no time passes between them: no more are kept for a timeline either.
const FLOOD: u64 = MAX_EVENTS as u64;

/// What is seen at one look at a run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    /// The real time since the watch began.
    pub(super) at: Duration,
    /// Polls of the root and of lanes, and parks: anything that shows that polls still end.
    pub(super) polls: u64,
    /// Polls of the section itself.
    pub(super) section: u64,
    /// How often the runtime had nothing to run.
    pub(super) parks: u64,
    /// How often the clock jumped.
    pub(super) jumps: u64,
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
    pub(super) fn new(
        at: Duration,
        counts: &Counts,
        signs: Signs,
        tasks: usize,
        now: Instant,
    ) -> Self {
        Self {
            at,
            polls: counts.answers + counts.parks + counts.section + signs.polls,
            section: counts.section,
            parks: counts.parks,
            jumps: counts.jumps,
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
    /// One poll has held the runtime for so long, in real time, and does not return.
    Blocked(Duration),
    /// The clock runs, and the run gets nowhere; who was not polled since this moment waits.
    Running(Instant),
    /// Tasks yield to each other, and the clock stands still.
    Spinning,
}

/// Remembers for how long which sign of life has been missing.
#[derive(Default)]
pub(super) struct Judge {
    polls: Streak<u64>,
    section: Streak<u64>,
    parks: Streak<u64>,
    turns: Streak<(u64, usize)>,
    lines: Streak<u64>,
    /// The virtual times of the last looks.
    times: VecDeque<Instant>,
    racing: usize,
}

impl Judge {
    /// Judges by this look and by those before it.
    pub(super) fn see(&mut self, look: &Look) -> Option<Verdict> {
        let polls = self.polls.goes_on(look.polls, look);
        let section = self.section.goes_on(look.section, look);
        let parks = self.parks.goes_on(look.parks, look);
        let turns = self.turns.goes_on((look.turns, look.tasks), look);
        let lines = self.lines.goes_on(look.lines, look);
        let before = self.time_before(look.now);
        let races = before.is_some_and(|before| look.now - before > RACE * patience());
        self.racing = if races { self.racing + 1 } else { 0 };

        let silent = turns.and(lines);
        let stuck = turns.and(section);
        if polls.and(silent).looks >= PATIENCE || polls.is_flooded(PATIENCE) {
            Some(Verdict::Blocked(look.at - polls.since.at))
        } else if parks.and(silent).looks >= SILENCE || parks.is_flooded(SILENCE) {
            Some(Verdict::Spinning)
        } else if (races && (stuck.looks >= PATIENCE || silent.looks >= SILENCE))
            || stuck.and(silent).outlasts(SILENCE, JUMPS)
            || stuck.outlasts(LONG, MANY_JUMPS)
            || self.racing >= LONG
        {
            before.map(Verdict::Running)
        } else {
            None
        }
    }

    /// The virtual time [`PATIENCE`] looks ago.
    fn time_before(&mut self, now: Instant) -> Option<Instant> {
        self.times.push_back(now);
        if self.times.len() > PATIENCE { self.times.pop_front() } else { None }
    }
}

fn patience() -> Duration {
    PATIENCE as u32 * TICK
}

/// A value that has stayed the same, and the look at which it was first seen.
#[derive(Default)]
struct Streak<T>(Option<(T, Look, usize)>);

impl<T: PartialEq> Streak<T> {
    fn goes_on(&mut self, value: T, look: &Look) -> Quiet {
        let (since, looks) = match self.0.take() {
            Some((last, since, looks)) if last == value => (since, looks + 1),
            _ => (*look, 0),
        };
        self.0 = Some((value, since, looks));
        Quiet { since, now: *look, looks }
    }
}

/// For how many looks something has been missing, and what happened meanwhile.
#[derive(Clone, Copy)]
struct Quiet {
    since: Look,
    now: Look,
    looks: usize,
}

impl Quiet {
    /// While both were missing.
    fn and(self, other: Self) -> Self {
        if self.looks < other.looks { self } else { other }
    }

    fn outlasts(&self, looks: usize, jumps: u64) -> bool {
        self.looks >= looks && self.now.jumps - self.since.jumps >= jumps
    }

    fn is_flooded(&self, looks: usize) -> bool {
        // Saturating, because a transcript inside the run counts from zero.
        let lines = self.now.lines.saturating_sub(self.since.lines);
        let turns = self.now.turns.saturating_sub(self.since.turns);
        self.looks >= looks && lines + turns >= FLOOD
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Millis, virtual_time};

    /// Looks until the verdict, at most a minute of them; `live` changes the run between two.
    fn verdict_on(live: impl Fn(&mut Look) + Send + 'static) -> Option<(usize, Verdict)> {
        virtual_time(async move {
            let now = Instant::now();
            let quiet = Counts { answers: 0, section: 1, parks: 0, jumps: 0 };
            let mut look = Look::new(0.ms(), &quiet, Signs::default(), 1, now);
            let mut judge = Judge::default();
            (1..=300).find_map(|n| {
                look.at += TICK;
                live(&mut look);
                judge.see(&look).map(|verdict| (n, verdict))
            })
        })
    }

    #[test]
    fn a_run_without_any_sign_of_life_is_blocked_within_five_seconds() {
        let (looks, verdict) = verdict_on(|_| {}).expect("condemned");
        assert_eq!(verdict, Verdict::Blocked(4400.ms()));
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
        assert!(matches!(verdict, Verdict::Running(_)), "{verdict:?}");
        assert!(TICK * looks as u32 <= 4800.ms(), "{looks} looks");
    }

    #[test]
    fn a_racing_clock_condemns_a_section_that_asks_for_ever_and_says_nothing() {
        let verdict = verdict_on(|look| {
            (look.polls, look.parks, look.section) =
                (look.polls + 1, look.parks + 1, look.section + 1);
            look.now += 60.secs();
        });
        assert!(matches!(verdict, Some((34, Verdict::Running(_)))), "{verdict:?}");
    }

    #[test]
    fn a_section_that_makes_and_ends_lanes_may_race_for_half_a_minute() {
        let (looks, verdict) = verdict_on(|look| {
            (look.polls, look.parks, look.turns) =
                (look.polls + 1, look.parks + 1, look.turns + 1);
            look.now += 60.secs();
        })
        .expect("condemned");
        assert!(matches!(verdict, Verdict::Running(_)), "{verdict:?}");
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

    /// The clock jumps so often between two looks, and the section sleeps through it.
    fn section_sleeps_through(jumps: u64) -> impl Fn(&mut Look) + Send {
        move |look| {
            (look.polls, look.parks) = (look.polls + jumps, look.parks + jumps);
            look.jumps += jumps;
            look.now += 1.ms() * jumps as u32;
        }
    }

    #[test]
    fn a_section_that_sleeps_through_a_thousand_jumps_is_condemned_at_any_speed_of_the_clock()
     {
        let verdict = verdict_on(section_sleeps_through(40));
        assert!(matches!(verdict, Some((34, Verdict::Running(_)))), "{verdict:?}");
    }

    #[test]
    fn a_section_that_waits_for_heavy_steps_is_not_condemned() {
        assert_eq!(verdict_on(section_sleeps_through(2)), None);
    }

    #[test]
    fn a_talkative_heartbeat_hides_a_stuck_section_for_half_a_minute() {
        let beats = section_sleeps_through(80);
        let verdict = verdict_on(move |look| {
            beats(look);
            look.lines += 1;
        });
        assert!(matches!(verdict, Some((151, Verdict::Running(_)))), "{verdict:?}");
    }

    #[test]
    fn a_flood_of_lines_while_no_time_passes_is_spinning() {
        let verdict = verdict_on(|look| {
            (look.polls, look.lines) = (look.polls + 1, look.lines + FLOOD / 10);
        });
        assert_eq!(verdict, Some((34, Verdict::Spinning)));
    }

    #[test]
    fn a_flood_of_lines_within_one_poll_is_blocked() {
        let verdict = verdict_on(|look| look.lines += FLOOD / 10);
        assert_eq!(verdict, Some((23, Verdict::Blocked(4400.ms()))));
    }

    #[test]
    fn lines_between_long_computations_are_a_sign_of_life_while_no_time_passes() {
        let verdict = verdict_on(|look| {
            (look.polls, look.lines) = (look.polls + 10, look.lines + 10);
        });
        assert_eq!(verdict, None);
    }
}
