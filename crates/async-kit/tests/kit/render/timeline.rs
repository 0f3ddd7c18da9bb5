//! A timeline shows every wait, step and end at the right time, and is never too wide.

use async_kit::{
    Lane, Millis,
    stage::{
        Recording,
        timeline::{Style, render},
    },
};
use proptest::prelude::*;
use tokio::{join, time::sleep};
use unicode_width::UnicodeWidthStr;

use super::{any, programs};

fn drawn(recording: &Recording, width: usize) -> String {
    render(recording, Style { width, color: false })
}

/// Asserts that the pictures are equal. `assert_eq!` would print each as one escaped line.
fn assert_picture(drawn: &str, wanted: &str) {
    let wanted = wanted.trim_start_matches('\n');
    assert!(drawn == wanted, "drawn:\n{drawn}\nwanted:\n{wanted}");
}

#[test]
fn ten_jobs_on_three_permits_are_drawn_as_four_groups() {
    let recording = programs::recording(programs::semaphore(10, 3));
    let style = Style { width: 58, color: false };
    let drawn = render(&recording, style);
    assert_picture(
        &drawn,
        "
          0.0s       0.2s       0.4s       0.6s       0.8s
   job-0  ●██████████✓
   job-1  ●██████████✓
   job-2  ●██████████✓
   job-3  ░░░░░░░░░░░●██████████✓
   job-4  ░░░░░░░░░░░●██████████✓
   job-5  ░░░░░░░░░░░●██████████✓
   job-6  ░░░░░░░░░░░░░░░░░░░░░░●██████████✓
   job-7  ░░░░░░░░░░░░░░░░░░░░░░●██████████✓
   job-8  ░░░░░░░░░░░░░░░░░░░░░░●██████████✓
   job-9  ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░●██████████✓
   10 lanes · 0.80 s · at most 3 holding a permit
",
    );
}

#[test]
fn the_third_job_starts_when_the_first_ends() {
    let recording = programs::recording(programs::three_jobs());
    assert_picture(
        &drawn(&recording, 50),
        "
      0.0s         0.1s         0.2s         0.3s
   a  █████████████✓
   b  ██████████████████████████✓
   c  ░░░░░░░░░░░░░██████████████████████████✓
   3 lanes · 0.30 s · at most 2 working
",
    );
}

#[test]
fn a_lane_that_was_woken_and_not_polled_is_pale_and_the_footer_explains_it() {
    let recording = programs::recording(programs::polled_late());
    assert_picture(
        &drawn(&recording, 62),
        "
              0ms           20ms          40ms          60ms
   job        ██████████████▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒✓
   loop body         ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░✓
   2 lanes · 60 ms · at most 1 asking · ▒ woken, not polled
",
    );
}

#[test]
fn the_mark_for_not_polled_is_not_explained_if_only_a_folded_lane_would_have_it() {
    let recording = programs::recording(async {
        programs::semaphore(20, 20).await;
        programs::polled_late().await;
    });
    assert!(!drawn(&recording, 62).contains('▒'));
}

#[test]
fn a_wake_with_its_poll_within_a_hundredth_of_the_run_is_not_drawn() {
    let recording = programs::recording(async {
        programs::polled_late().await;
        sleep(4.secs()).await;
    });
    assert!(!drawn(&recording, 62).contains('▒'));
}

#[test]
fn each_ending_has_a_mark_and_the_footer_explains_it() {
    let recording = programs::recording(programs::endings());
    assert_picture(
        &drawn(&recording, 70),
        "
                 0ms                20ms               40ms
   never polled  ░░░░░░░░░░░░░░░░░░░░░░░░░░░░∅
   dropped       ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░⊘
   unfinished    ███████████████████████████████████████████████→
   failed        ░░░░░░░░░░░░░░░░░░░░░░░░░░░░✗
   done                                                █████████✓
   5 lanes: 1 ✓ done, 1 ✗ failed, 1 ⊘ dropped, 1 ∅ never polled, 1 →
   unfinished · 50 ms · at most 1 holding on · at most 1 closing
",
    );
}

/// Jobs 40 and 99 fail, so they are drawn, although many lanes come before them.
#[test]
fn lanes_beyond_sixteen_share_a_row_and_are_counted_by_their_ending() {
    let recording =
        programs::recording(programs::semaphore_with_failures(100, 25, &[40, 99]));
    assert_picture(
        &drawn(&recording, 60),
        "
           0.0s       0.2s       0.4s       0.6s       0.8s
   job-0   ●██████████✓
   job-1   ●██████████✓
   job-2   ●██████████✓
   job-3   ●██████████✓
   job-4   ●██████████✓
   job-5   ●██████████✓
   job-6   ●██████████✓
   job-7   ●██████████✓
   job-8   ●██████████✓
   job-9   ●██████████✓
   job-10  ●██████████✓
   job-11  ●██████████✓
   job-12  ●██████████✓
   job-13  ●██████████✓
   job-40  ░░░░░░░░░░░●██████████✗
   job-99  ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░●██████████✗
   …       ▃▃▃▃▃▃▃▃▃▃▃▇▇▇▇▇▇▇▇▇▇▇███████████▇▇▇▇▇▇▇▇▇▇▇░
   … and 84 more: 84 ✓ done
   100 lanes: 98 ✓ done, 2 ✗ failed · 0.80 s
   at most 25 holding a permit
",
    );
}

#[test]
fn a_run_that_takes_no_time_is_drawn_at_zero() {
    let recording = programs::recording(async {
        async {}.lane("a").await;
    });
    assert_picture(
        &drawn(&recording, 40),
        "
      0s
   a  ✓
   1 lane · 0.00 s
",
    );
}

#[test]
fn a_step_that_takes_no_time_is_visible() {
    let recording = programs::recording(async {
        let blink = async {
            sleep(10.ms()).await;
            async {}.step("blinking").await;
            sleep(10.ms()).await;
        };
        blink.lane("a").await;
    });
    assert_picture(
        &drawn(&recording, 30),
        "
      0ms       10ms      20ms
   a  ░░░░░░░░░░█░░░░░░░░░✓
   1 lane · 20 ms
   at most 1 blinking
",
    );
}

#[test]
fn a_footer_wraps_between_words_and_inside_a_word_only_if_the_word_is_too_long() {
    let recording = programs::recording(async {
        sleep(10.ms()).step("waiting for tests/asyncio/queue.py").lane("a").await;
    });
    let style = Style { width: 20, color: false };
    assert_picture(
        &render(&recording, style),
        "
      0ms       10ms
   a  ██████████✓
   1 lane · 10 ms
   at most 1 waiting
   for
   tests/asyncio/que
   ue.py
",
    );
}

#[test]
fn the_axis_uses_the_unit_that_suits_the_length_of_the_run() {
    let axis = |time| {
        let recording = programs::recording(async move { sleep(time).lane("a").await });
        drawn(&recording, 60).lines().next().unwrap_or_default().trim().to_owned()
    };
    assert_eq!(axis(3.ms()), "0ms              1ms              2ms              3ms");
    assert_eq!(axis(8.secs()), "0s           2s           4s           6s           8s");
    assert_eq!(axis(600.secs()), "0min                    5min                    10min");
    assert_eq!(
        axis((2_000 * 3_600).secs()),
        "0h          500h        1000h       1500h       2000h"
    );
}

#[test]
fn wide_and_dangerous_names_do_not_break_the_alignment() {
    let recording = programs::recording(async {
        let lane = |name: &str| sleep(10.ms()).lane(name);
        join!(
            lane("世界"),
            lane("a\u{1b}[2Jb\r\n"),
            lane("🦀"),
            lane("a very long name indeed")
        );
    });
    assert_picture(
        &drawn(&recording, 40),
        "
                0ms       5ms       10ms
   世界         ░░░░░░░░░░░░░░░░░░░░✓
   a\u{fffd}[2Jb\u{fffd}\u{fffd}     ░░░░░░░░░░░░░░░░░░░░✓
   🦀           ░░░░░░░░░░░░░░░░░░░░✓
   a very lon…  ░░░░░░░░░░░░░░░░░░░░✓
   4 lanes · 10 ms
",
    );
}

#[test]
fn without_its_colours_a_timeline_is_the_same_text() {
    let recording = programs::recording(programs::endings());
    let plain = drawn(&recording, 70);
    let colored = render(&recording, Style { width: 70, color: true });
    assert!(colored.contains("\u{1b}[31m⊘\u{1b}[0m"), "{colored:?}");
    assert_picture(&any::without_escapes(&colored), &plain);
}

proptest! {
    // Few cases, because a recording is large, and a bug shows in nearly every recording.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_recording_fits_any_width(
        recording in any::recording(),
        width in 20..=200_usize,
        color: bool,
    ) {
        let drawn = render(&recording, Style { width, color });
        for line in any::without_escapes(&drawn).lines() {
            prop_assert!(line.width() <= width, "{} > {width}: {line:?}", line.width());
            prop_assert!(!line.chars().any(char::is_control), "{line:?}");
        }
    }

    #[test]
    fn any_lane_is_drawn_or_counted(recording in any::recording(), width in 20..=200_usize) {
        let drawn = drawn(&recording, width);
        let mut lines = drawn.lines().skip(1);
        let rows: Vec<_> = lines.by_ref().take(recording.lanes.len().min(16)).collect();
        prop_assert!(rows.iter().all(|row| row.ends_with(['✓', '✗', '⊘', '∅', '→', '?'])), "{drawn}");
        let folded = recording.lanes.len() - rows.len();
        if folded > 0 {
            prop_assert!(lines.next().is_some_and(|row| row.starts_with("   … ")), "{drawn}");
            let summary = lines.collect::<Vec<_>>().join("").replace("    ", " ").replace("   ", " ");
            let tally = summary.strip_prefix(&format!(" … and {folded} more: "));
            prop_assert!(tally.is_some(), "{summary}");
            let tally = tally.and_then(|tally| tally.split_once(" lanes")).map_or("", |both| both.0);
            let numbers = tally.split(' ').filter_map(|word| word.parse::<usize>().ok());
            let numbers: Vec<_> = numbers.collect();
            let (total, folds) = numbers.split_last().expect("a count of lanes");
            prop_assert_eq!(folds.iter().sum::<usize>(), folded, "{}", drawn);
            prop_assert_eq!(*total, recording.lanes.len(), "{}", drawn);
        }
    }
}
