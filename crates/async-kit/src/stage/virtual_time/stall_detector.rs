//! A run is aborted as stuck only if it shows no progress for seconds of real time.
//!
//! No rule distinguishes every endless run from a long one, so the detector looks for progress. It
//! gets a sample of the run every 200 ms, and compares it with the samples before.
//!
//! # Blocked
//!
//! The run is aborted if for 4.4 s no poll ends, no line is said, and no lane or task is made or
//! ends. If one poll says a hundred thousand lines, they do not count as progress: that is a loop.
//!
//! # Endless: the clock moves, but the run makes no progress
//!
//! - The section is not polled, and no lane or task is made or ends. If the clock races (more than
//!   four times as fast as the real one), the run is aborted after 4.4 s. At any other speed, it is
//!   aborted if the clock jumps a thousand times within 6.6 s in which no line is said, or ten
//!   thousand times within 30 s in which lines are said.
//! - The section is polled again and again while the clock races. If no line is said, and no lane or
//!   task is made or ends, the run is aborted after 6.6 s, otherwise after 30 s.
//!
//! # Endless: tasks yield, and the clock does not move
//!
//! The run is aborted after 6.6 s in which no line is said, and no lane or task is made or ends. If
//! the tasks say a hundred thousand lines at one moment of virtual time, these do not count as
//! progress.
//!
//! # What is not detected, and what is wrongly reported
//!
//! Two kinds of endless run are not reported: tasks without a lane that are made and end while the
//! clock does not move; and a run that computes so much that its clock does not race, if its section
//! is polled again and again, if lanes or tasks are made and end, or if the clock jumps too seldom. The
//! run of an exercise has a further limit, of 45 s.
//!
//! A long correct run may be reported. The most likely case is a section that waits for a task: if
//! that task computes for 4.4 s while the clock races, or for 6.6 s in a thousand steps without a
//! line.

use std::{collections::VecDeque, time::Duration};

use tokio::time::Instant;

use super::heartbeat::Counts;
use crate::stage::record::{MAX_EVENTS, Progress};

/// The real time between two samples.
pub(super) const INTERVAL: Duration = Duration::from_millis(200);

/// Samples without progress, 4.4 s: a section may compute for 4 s, and a report is due within 5.
/// Samples and not seconds, so that a run is not aborted because its process was suspended.
const NO_PROGRESS: usize = 22;

/// Samples, 6.6 s, after which a run without lines and without new or ended lanes is aborted if its
/// clock races, if its tasks only yield, or if its section is not polled during [`JUMPS`]. More than
/// [`NO_PROGRESS`], because a correct simulation may also compute for a while.
const SILENCE: usize = 33;

/// A clock races if it runs more than this many times as fast as the real one.
const RACE: u32 = 4;

/// Consecutive samples with a racing clock, 30 s, after which a run is aborted whatever progress it
/// shows.
const LONG: usize = 150;

/// Jumps of the clock within [`SILENCE`] after which a section that is not polled is aborted,
/// although the clock does not race. They are counted within a window, and not since the last poll
/// of the section, so that a long run of heavy steps is not aborted. Arbitrary: if there are a
/// thousand steps in 6.6 s, each of them computes little, and none has woken the section.
const JUMPS: u64 = 1_000;

/// Like [`JUMPS`], but within [`LONG`] and for a run that says lines: a ticker may say one at each
/// tick.
const MANY_JUMPS: u64 = 10_000;

/// Lines said, lanes made and lanes ended that show an endless loop and not progress, if no virtual
/// time passes between them. A timeline keeps no more events than this either.
const FLOOD: u64 = MAX_EVENTS as u64;

/// The state of a run at one moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sample {
    /// The real time since the detector started.
    pub(super) at: Duration,
    /// Polls of the root, of the section and of lanes, and parks: if this grows, polls end.
    pub(super) polls: u64,
    /// Polls of the section itself.
    pub(super) section: u64,
    /// How many times the runtime had nothing to run.
    pub(super) parks: u64,
    /// How many times the clock jumped.
    pub(super) jumps: u64,
    /// Lanes made and ended.
    pub(super) lane_changes: u64,
    /// Tasks alive.
    pub(super) tasks: usize,
    /// Lines said.
    pub(super) lines: u64,
    /// The virtual time.
    pub(super) now: Instant,
}

impl Sample {
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
            lane_changes: progress.lane_changes,
            tasks,
            lines: progress.lines,
            now,
        }
    }
}

/// Why a run is aborted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Diagnosis {
    /// One poll has held the runtime for this long, in real time, and does not return.
    Blocked(Duration),
    /// The clock moves, but the run makes no progress. A lane that was not polled since this moment
    /// waits.
    Running(Instant),
    /// Tasks yield to each other, and the clock does not move.
    Spinning,
}

/// Records for how long each kind of progress has been missing.
#[derive(Default)]
pub(super) struct StallDetector {
    polls: Streak<u64>,
    section: Streak<u64>,
    parks: Streak<u64>,
    changes: Streak<(u64, usize)>,
    lines: Streak<u64>,
    /// The last samples, the newest first.
    past: VecDeque<Sample>,
    /// The number of consecutive samples with a racing clock, up to the newest one.
    racing: usize,
}

impl StallDetector {
    /// The diagnosis after this sample and those before it, or `None` while there is progress.
    pub(super) fn observe(&mut self, sample: &Sample) -> Option<Diagnosis> {
        self.past.push_front(*sample);
        self.past.truncate(LONG + 1);
        self.racing = if self.races() { self.racing + 1 } else { 0 };
        let polls = self.polls.unchanged_for(sample.polls, sample);
        let section = self.section.unchanged_for(sample.section, sample);
        let parks = self.parks.unchanged_for(sample.parks, sample);
        let changes =
            self.changes.unchanged_for((sample.lane_changes, sample.tasks), sample);
        let lines = self.lines.unchanged_for(sample.lines, sample);

        let silent = changes.samples.min(lines.samples);
        let stuck = changes.samples.min(section.samples);
        if polls.samples.min(silent) >= NO_PROGRESS || polls.is_flooded(NO_PROGRESS) {
            Some(Diagnosis::Blocked(sample.at - polls.since.at))
        } else if parks.samples.min(silent) >= SILENCE || parks.is_flooded(SILENCE) {
            Some(Diagnosis::Spinning)
        } else if self.is_endless(stuck, silent) {
            self.past.get(NO_PROGRESS).map(|before| Diagnosis::Running(before.now))
        } else {
            None
        }
    }

    /// The rules for a clock that moves, which the docs of this file explain.
    fn is_endless(&self, stuck: usize, silent: usize) -> bool {
        let races = self.racing > 0;
        let stuck_in_a_race = races && stuck >= NO_PROGRESS;
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

    /// Whether the clock has raced during the last [`NO_PROGRESS`] samples.
    fn races(&self) -> bool {
        self.during(NO_PROGRESS)
            .is_some_and(|(then, now)| now.now - then.now > RACE * (now.at - then.at))
    }

    fn jumps_within(&self, samples: usize) -> u64 {
        self.during(samples).map_or(0, |(then, now)| now.jumps - then.jumps)
    }

    /// The sample that was taken this many samples ago, and the newest one.
    fn during(&self, samples: usize) -> Option<(&Sample, &Sample)> {
        self.past.get(samples).zip(self.past.front())
    }
}

/// A value that has not changed, and the sample in which it was first seen.
#[derive(Default)]
struct Streak<T>(Option<(T, Sample, usize)>);

impl<T: PartialEq> Streak<T> {
    fn unchanged_for(&mut self, value: T, sample: &Sample) -> Unchanged {
        let (since, samples) = match self.0.take() {
            Some((last, since, samples)) if last == value => (since, samples + 1),
            _ => (*sample, 0),
        };
        self.0 = Some((value, since, samples));
        Unchanged { since, now: *sample, samples }
    }
}

/// For how many samples a value has not changed, and the first and the last of them.
#[derive(Clone, Copy)]
struct Unchanged {
    since: Sample,
    now: Sample,
    samples: usize,
}

impl Unchanged {
    fn is_flooded(&self, samples: usize) -> bool {
        // Saturating, because a transcript inside the run counts from zero again.
        let lines = self.now.lines.saturating_sub(self.since.lines);
        let changes = self.now.lane_changes.saturating_sub(self.since.lane_changes);
        self.samples >= samples && lines + changes >= FLOOD
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Millis, virtual_time};

    /// Samples until the diagnosis, at most half an hour of them; `change` is applied before each.
    fn diagnosis_of(
        change: impl Fn(&mut Sample) + Send + 'static,
    ) -> Option<(usize, Diagnosis)> {
        virtual_time(async move {
            let now = Instant::now();
            let quiet = Counts { answers: 0, section: 1, parks: 0, jumps: 0 };
            let mut sample = Sample::new(0.ms(), &quiet, Progress::default(), 1, now);
            let mut detector = StallDetector::default();
            (1..=9_000).find_map(|n| {
                sample.at += INTERVAL;
                change(&mut sample);
                detector.observe(&sample).map(|diagnosis| (n, diagnosis))
            })
        })
    }

    #[test]
    fn a_run_without_any_progress_is_blocked_within_five_seconds() {
        let (samples, diagnosis) = diagnosis_of(|_| {}).expect("a diagnosis");
        assert_eq!(diagnosis, Diagnosis::Blocked(4400.ms()));
        assert!(INTERVAL * samples as u32 > 4.secs(), "{samples} samples");
        assert!(INTERVAL * samples as u32 <= 4800.ms(), "{samples} samples");
    }

    #[test]
    fn tasks_that_end_are_progress_while_the_root_is_not_polled() {
        let diagnosis = diagnosis_of(|sample| sample.tasks += 1);
        assert_eq!(diagnosis, None);
    }

    #[test]
    fn polls_that_end_are_progress_while_the_clock_does_not_move() {
        let diagnosis = diagnosis_of(|sample| {
            sample.polls += 1;
            sample.parks += 1;
        });
        assert_eq!(diagnosis, None);
    }

    #[test]
    fn a_section_that_is_not_polled_while_the_clock_races_is_aborted() {
        let (samples, diagnosis) = diagnosis_of(|sample| {
            (sample.polls, sample.parks, sample.lines) =
                (sample.polls + 1, sample.parks + 1, sample.lines + 1);
            sample.now += 60.secs();
        })
        .expect("a diagnosis");
        assert!(matches!(diagnosis, Diagnosis::Running(_)), "{diagnosis:?}");
        assert!(INTERVAL * samples as u32 <= 4800.ms(), "{samples} samples");
    }

    #[test]
    fn a_silent_section_that_is_polled_while_the_clock_races_is_aborted() {
        let diagnosis = diagnosis_of(|sample| {
            (sample.polls, sample.parks, sample.section) =
                (sample.polls + 1, sample.parks + 1, sample.section + 1);
            sample.now += 60.secs();
        });
        assert!(matches!(diagnosis, Some((34, Diagnosis::Running(_)))), "{diagnosis:?}");
    }

    #[test]
    fn a_section_that_makes_and_ends_lanes_may_race_for_half_a_minute() {
        let (samples, diagnosis) = diagnosis_of(|sample| {
            (sample.polls, sample.parks, sample.lane_changes) =
                (sample.polls + 1, sample.parks + 1, sample.lane_changes + 1);
            sample.now += 60.secs();
        })
        .expect("a diagnosis");
        assert!(matches!(diagnosis, Diagnosis::Running(_)), "{diagnosis:?}");
        assert!(INTERVAL * samples as u32 > 30.secs(), "{samples} samples");
    }

    #[test]
    fn a_clock_as_fast_as_the_real_one_does_not_race() {
        let diagnosis = diagnosis_of(|sample| {
            (sample.polls, sample.parks) = (sample.polls + 1, sample.parks + 1);
            sample.now += INTERVAL;
        });
        assert_eq!(diagnosis, None);
    }

    /// The real time and the virtual one count from the beginning of the run.
    #[test]
    fn a_clock_that_begins_to_race_late_is_noticed_as_soon_as_any_other() {
        let (samples, diagnosis) = diagnosis_of(|sample| {
            (sample.polls, sample.parks) = (sample.polls + 1, sample.parks + 1);
            let races = sample.at > 300.secs();
            sample.now += if races { 5 * INTERVAL } else { INTERVAL };
        })
        .expect("a diagnosis");
        assert!(matches!(diagnosis, Diagnosis::Running(_)), "{diagnosis:?}");
        assert!(INTERVAL * samples as u32 <= 310.secs(), "{samples} samples");
    }

    #[test]
    fn a_clock_that_is_four_times_as_fast_does_not_race() {
        let diagnosis = diagnosis_of(|sample| {
            (sample.polls, sample.parks) = (sample.polls + 1, sample.parks + 1);
            sample.now += RACE * INTERVAL;
        });
        assert_eq!(diagnosis, None);
    }

    #[test]
    fn lines_and_lanes_at_one_moment_count_together_as_a_flood() {
        let (_, diagnosis) = diagnosis_of(|sample| {
            sample.polls += 1;
            sample.lines += FLOOD / 60;
            sample.lane_changes += FLOOD / 60;
        })
        .expect("a diagnosis");
        assert_eq!(diagnosis, Diagnosis::Spinning);
    }

    #[test]
    fn a_clock_that_is_sampled_too_seldom_does_not_race() {
        let diagnosis = diagnosis_of(|sample| {
            (sample.polls, sample.parks) = (sample.polls + 1, sample.parks + 1);
            sample.at += 9 * INTERVAL;
            sample.now += 10 * INTERVAL;
        });
        assert_eq!(diagnosis, None);
    }

    #[test]
    fn yielding_forever_is_spinning_and_yielding_for_four_seconds_is_not() {
        let (samples, diagnosis) =
            diagnosis_of(|sample| sample.polls += 1).expect("a diagnosis");
        assert_eq!(diagnosis, Diagnosis::Spinning);
        assert!(INTERVAL * samples as u32 > 6.secs(), "{samples} samples");
    }

    /// Between two samples the clock jumps this many times, and the section is not polled.
    fn unpolled_during(jumps: u64) -> impl Fn(&mut Sample) + Send {
        move |sample| {
            (sample.polls, sample.parks) = (sample.polls + jumps, sample.parks + jumps);
            sample.jumps += jumps;
            sample.now += 1.ms() * jumps as u32;
        }
    }

    /// Like [`unpolled_during`], and a line is said.
    fn unpolled_during_lines_and(jumps: u64) -> impl Fn(&mut Sample) + Send {
        let jump = unpolled_during(jumps);
        move |sample| {
            jump(sample);
            sample.lines += 1;
        }
    }

    #[test]
    fn a_section_that_is_not_polled_during_a_thousand_jumps_is_aborted() {
        let diagnosis = diagnosis_of(unpolled_during(31));
        assert!(matches!(diagnosis, Some((34, Diagnosis::Running(_)))), "{diagnosis:?}");
    }

    #[test]
    fn a_section_may_wait_for_any_number_of_heavy_steps() {
        // 990 jumps in 6.6 s, and a thousand jumps in 6.8 s.
        assert_eq!(diagnosis_of(unpolled_during(30)), None);
    }

    #[test]
    fn a_ticker_that_says_lines_hides_a_stuck_section_for_half_a_minute() {
        let diagnosis = diagnosis_of(unpolled_during_lines_and(67));
        assert!(matches!(diagnosis, Some((151, Diagnosis::Running(_)))), "{diagnosis:?}");
    }

    #[test]
    fn a_section_that_waits_for_heavy_steps_may_say_lines_forever() {
        // 9,900 jumps in 30 s.
        assert_eq!(diagnosis_of(unpolled_during_lines_and(66)), None);
    }

    #[test]
    fn a_flood_of_lines_while_no_time_passes_is_spinning() {
        let diagnosis = diagnosis_of(|sample| {
            (sample.polls, sample.lines) = (sample.polls + 1, sample.lines + FLOOD / 10);
        });
        assert_eq!(diagnosis, Some((34, Diagnosis::Spinning)));
    }

    #[test]
    fn a_flood_of_lines_within_one_poll_is_blocked() {
        let diagnosis = diagnosis_of(|sample| sample.lines += FLOOD / 10);
        assert_eq!(diagnosis, Some((23, Diagnosis::Blocked(4400.ms()))));
    }

    #[test]
    fn lines_between_long_computations_are_progress_while_no_time_passes() {
        let diagnosis = diagnosis_of(|sample| {
            (sample.polls, sample.lines) = (sample.polls + 1, sample.lines + 1);
        });
        assert_eq!(diagnosis, None);
    }
}
