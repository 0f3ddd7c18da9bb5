//! A wrong `--set` is refused with a list of knobs, before any section runs.

use super::support::run;

const KNOBS: &str = "knobs:\n  permits  permits=2 (1..=10)\n  \
                     permits  jobs=3 (1..=40)\n  \
                     permits  pause=20ms (1ms..=1s)\n";

const PERMITS: &str = "knobs:\n  permits  permits=2 (1..=10)\n";
const PAUSE: &str = "knobs:\n  permits  pause=20ms (1ms..=1s)\n";

#[test]
fn an_unknown_knob_is_refused_with_the_list_of_knobs() {
    run(&["permits", "--set", "permit=3"])
        .refused(&["there is no knob \"permit\"; did you mean permits?", KNOBS]);
    run(&["hello", "--set", "permits=3"])
        .refused(&["there is no knob \"permits\"", "hello has no knobs"]);
    run(&["permits", "--set", "permit=3", "--list"])
        .refused(&["there is no knob \"permit\"; did you mean permits?", KNOBS]);
}

#[test]
fn a_value_out_of_range_is_refused_with_the_knobs_of_that_name() {
    run(&["permits", "--set", "permits=11"])
        .refused(&["permits: 11 is not in 1..=10", PERMITS]);
    run(&["permits", "--set", "permits=two"])
        .refused(&["permits: \"two\" is not a whole number", PERMITS]);
    run(&["permits", "--fast", "--set", "pause=2h"])
        .refused(&["pause: \"2h\" is not a duration such as 150ms or 2s", PAUSE]);
}

#[test]
fn a_wrong_value_is_refused_even_if_a_real_time_section_is_named_too() {
    run(&["permits", "workers", "--set", "permits=11"])
        .refused(&["permits: 11 is not in 1..=10"]);
}

#[test]
fn a_knob_of_a_real_time_section_is_known_before_it_runs() {
    let listed = run(&["workers", "--list"]).exits_with(0);
    assert!(listed.stdout.contains("times=1 (1..=9)"), "{listed:#?}");
    assert!(!listed.stdout.contains("1 workers"), "{listed:#?}");
    let ran = run(&["workers", "--set", "times=2"]).exits_with(0);
    assert_eq!(ran.stdout.matches("1 workers").count(), 2, "{ran:#?}");
    run(&["workers", "--set", "times=10"]).refused(&["times: 10 is not in 1..=9"]);
    run(&["workers", "--set", "time=2"])
        .refused(&["there is no knob \"time\"; did you mean times?"]);
    // With `--fast` the section is left out, but setting its knob is not an error.
    run(&["workers", "--set", "times=2", "--fast"]).exits_with(0);
}

#[test]
fn a_setting_has_a_name_and_a_value() {
    for setting in ["permits", "=3", "", "--url=x"] {
        let why = format!("--set takes KNOB=VALUE, not {setting:?}");
        run(&["permits", "--set", setting]).refused(&[&why]);
    }
}

#[test]
fn if_a_knob_is_set_twice_the_last_value_is_used() {
    let words = ["permits", "--fast", "--set", "permits=11", "--set", "permits=1"];
    let ran = run(&words).exits_with(0);
    let last = "[  0.060s] job-2 is done\n";
    assert!(
        ran.stdout.contains(last),
        "with one permit, the jobs run one after the other: {ran:#?}"
    );
}

#[test]
fn two_knobs_can_be_set_in_one_command() {
    let words = ["permits", "--fast", "--set", "jobs=1", "--set", "pause=1s"];
    let ran = run(&words).exits_with(0);
    assert!(ran.stdout.ends_with("[  1.000s] job-0 is done\n\n"), "{ran:#?}");
}
