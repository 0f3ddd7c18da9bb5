//! A run that takes long is condemned only for what it does, or leaves out, meanwhile.

use std::{collections::VecDeque, time::Duration};

use tokio::time::Instant;

use super::heartbeat::Counts;
use crate::stage::record::{MAX_EVENTS, Progress};

/// How often a run is looked at.
pub(super) const TICK: Duration = Duration::from_millis(200);

/// Looks without a sign of life, 4.4 s: a section may compute for 4 s, and a report is due
/// within 5. Looks and not seconds, so that a process that was stopped condemns nobody.
const PATIENCE: usize = 22;

/// Looks after which a run that moves, but neither says anything nor makes or ends a lane, is
/// condemned if its clock races, if its tasks only yield, or if its section sleeps through
/// [`JUMPS`]: 6.6 s. An honest simulation may compute for a while too.
const SILENCE: usize = 33;

/// A clock that runs more than so many times as fast as the real one races.
const RACE: u32 = 4;

/// Looks in a row that find a racing clock, and then condemn a run whatever signs of life it
/// shows: 30 s, from the first on.
const LONG: usize = 150;

/// Jumps of the clock within [`SILENCE`] that condemn a section which sleeps through them,
/// although the clock does not race. Not since it fell asleep, so that a long run of heavy steps
/// is not condemned: arbitrary, but a thousand steps in 6.6 s compute little each, and brought
/// nobody any further.
const JUMPS: u64 = 1_000;

/// The same within [`LONG`] for a run that still says something: a heartbeat may be talkative.
const MANY_JUMPS: u64 = 10_000;

/// Lines said, lanes made and lanes ended, that are no sign of life but of a loop gone wild if
/// no virtual time passes between them, however much real time does: no more are kept for a
/// timeline either.
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
        progress: Progress,
        tasks: usize,
        now: Instant,
    ) -> Self {
        Self {
            at,
            polls: counts.answers + counts.parks + counts.section + progress.polls,
            section: counts.section,
            parks: counts.parks,
            jumps: counts.jumps,
            turns: progress.lane_changes,
            tasks,
            lines: progress.lines,
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
    /// The last looks, the newest first.
    past: VecDeque<Look>,
    /// How many looks in a row found a racing clock.
    racing: usize,
}

impl Judge {
    /// Judges by this look and by those before it.
    pub(super) fn see(&mut self, look: &Look) -> Option<Verdict> {
        self.past.push_front(*look);
        self.past.truncate(LONG + 1);
        self.racing = if self.races() { self.racing + 1 } else { 0 };
        let polls = self.polls.goes_on(look.polls, look);
        let section = self.section.goes_on(look.section, look);
        let parks = self.parks.goes_on(look.parks, look);
        let turns = self.turns.goes_on((look.turns, look.tasks), look);
        let lines = self.lines.goes_on(look.lines, look);

        let silent = turns.looks.min(lines.looks);
        let stuck = turns.looks.min(section.looks);
        if polls.looks.min(silent) >= PATIENCE || polls.is_flooded(PATIENCE) {
            Some(Verdict::Blocked(look.at - polls.since.at))
        } else if parks.looks.min(silent) >= SILENCE || parks.is_flooded(SILENCE) {
            Some(Verdict::Spinning)
        } else if self.is_endless(stuck, silent) {
            self.past.get(PATIENCE).map(|before| Verdict::Running(before.now))
        } else {
            None
        }
    }

    /// The rules that the docs of `virtual_time` state, in their order.
    fn is_endless(&self, stuck: usize, silent: usize) -> bool {
        let races = self.racing > 0;
        let stuck_in_a_race = races && stuck >= PATIENCE;
        let stuck_in_silence =
            stuck.min(silent) >= SILENCE && self.jumps_within(SILENCE) >= JUMPS;
        let stuck_for_long = stuck >= LONG && self.jumps_within(LONG) >= MANY_JUMPS;
        let silent_in_a_race = races && silent >= SILENCE;
        let races_for_long = self.racing >= LONG;
        stuck_in_a_race
            || stuck_in_silence
            || stuck_for_long
            || silent_in_a_race
            || races_for_long
    }

    /// Whether the clock has raced during the last [`PATIENCE`] looks.
    fn races(&self) -> bool {
        self.during(PATIENCE)
            .is_some_and(|(then, now)| now.now - then.now > RACE * (now.at - then.at))
    }

    fn jumps_within(&self, looks: usize) -> u64 {
        self.during(looks).map_or(0, |(then, now)| now.jumps - then.jumps)
    }

    /// The look so many looks ago, and the newest.
    fn during(&self, looks: usize) -> Option<(&Look, &Look)> {
        self.past.get(looks).zip(self.past.front())
    }
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

    /// Looks until the verdict, at most half an hour of them; `live` changes the run between two.
    fn verdict_on(live: impl Fn(&mut Look) + Send + 'static) -> Option<(usize, Verdict)> {
        virtual_time(async move {
            let now = Instant::now();
            let quiet = Counts { answers: 0, section: 1, parks: 0, jumps: 0 };
            let mut look = Look::new(0.ms(), &quiet, Progress::default(), 1, now);
            let mut judge = Judge::default();
            (1..=9_000).find_map(|n| {
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
    fn a_clock_that_is_looked_at_too_seldom_does_not_race() {
        let verdict = verdict_on(|look| {
            (look.polls, look.parks) = (look.polls + 1, look.parks + 1);
            look.at += 9 * TICK;
            look.now += 10 * TICK;
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

    /// The same, and something is said.
    fn section_sleeps_through_words_and(jumps: u64) -> impl Fn(&mut Look) + Send {
        let sleeps = section_sleeps_through(jumps);
        move |look| {
            sleeps(look);
            look.lines += 1;
        }
    }

    #[test]
    fn a_section_that_sleeps_through_a_thousand_jumps_is_condemned_at_any_speed_of_the_clock()
     {
        let verdict = verdict_on(section_sleeps_through(31));
        assert!(matches!(verdict, Some((34, Verdict::Running(_)))), "{verdict:?}");
    }

    #[test]
    fn a_section_that_waits_for_heavy_steps_is_not_condemned_however_many_they_are() {
        // 990 in 6.6 s, and a thousand in 6.8 s.
        assert_eq!(verdict_on(section_sleeps_through(30)), None);
    }

    #[test]
    fn a_talkative_heartbeat_hides_a_stuck_section_for_half_a_minute() {
        let verdict = verdict_on(section_sleeps_through_words_and(67));
        assert!(matches!(verdict, Some((151, Verdict::Running(_)))), "{verdict:?}");
    }

    #[test]
    fn a_section_that_waits_for_heavy_steps_may_be_talkative_for_ever() {
        // 9,900 in 30 s.
        assert_eq!(verdict_on(section_sleeps_through_words_and(66)), None);
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
            (look.polls, look.lines) = (look.polls + 1, look.lines + 1);
        });
        assert_eq!(verdict, None);
    }
}
