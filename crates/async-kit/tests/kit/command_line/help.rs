//! The listing shows every section with its knobs, in one form for people and one for programs.

use super::support::run;

#[test]
fn the_plain_listing_is_tab_separated() {
    let ran = run(&["--list", "--plain", "permits", "hello", "workers"]).exits_with(0);
    let expected = "section\tpermits\tpure\tjobs share a few permits\n\
                    code\texamples/small_chapter.rs\n\
                    knob\tpermits\t2\t1..=10\n\
                    knob\tjobs\t3\t1..=40\n\
                    knob\tpause\t20ms\t1ms..=1s\n\
                    question\tpermits=1\twhen does the last job start?\n\
                    section\thello\tpure\tone line, and no knob\n\
                    code\texamples/small_chapter.rs\n\
                    section\tworkers\treal-time\tit counts the threads it runs on\n\
                    code\texamples/small_chapter.rs\n\
                    knob\ttimes\t1\t1..=9\n";
    assert_eq!(ran.stdout, expected);
}

#[test]
fn the_listing_for_people_is_aligned() {
    let ran = run(&["--list"]).exits_with(0);
    let claims = ["jobs share a few permits", "one line, and no knob", "it panics"];
    let columns = claims.map(|claim| {
        ran.stdout.lines().find_map(|line| line.find(claim)).unwrap_or_default()
    });
    assert!(
        columns[0] > 0 && columns.iter().all(|column| *column == columns[0]),
        "{}",
        ran.stdout
    );
    let knobs = "permits=2 (1..=10) · jobs=3 (1..=40) · pause=20ms (1ms..=1s)";
    assert!(ran.stdout.contains(knobs), "{}", ran.stdout);
}

#[test]
fn a_listing_ends_even_if_a_section_would_never_end() {
    let ran = run(&["--list", "--plain", "deadlock", "endless", "blocking", "panicking"])
        .exits_with(0);
    assert_eq!((ran.stdout.lines().count(), ran.stderr.as_str()), (8, ""), "{ran:#?}");
}

#[test]
fn the_help_names_every_option_and_every_section() {
    for flag in ["--help", "-h"] {
        let ran = run(&[flag]).exits_with(0);
        let words = [
            "--all",
            "--list",
            "--fast",
            "--threads N",
            "--set KNOB=VALUE",
            "--timeline WHEN",
            "--svg DIR",
            "--trace FILE",
            "--record FILE",
            "--plain",
            "cargo run -p small_chapter -- ",
            "permits",
            "blocking",
        ];
        for word in words {
            assert!(ran.stdout.contains(word), "no {word} in:\n{}", ran.stdout);
        }
        assert!(
            !ran.stdout.contains("--url"),
            "this chapter uses no HTTP:\n{}",
            ran.stdout
        );
    }
}

#[test]
fn help_is_shown_even_if_the_rest_of_the_command_line_is_wrong() {
    let help = run(&["--help"]).exits_with(0);
    for wrong in [
        &["helo"][..],
        &["--set", "nope=1"],
        &["--set", "nope"],
        &["--fast", "--threads", "2"],
        &["--fast=yes"],
        &["--threads", "0"],
        &["--url", "localhost"],
        &["--svg", ""],
        &["--fats", "-x"],
    ] {
        for words in [[&["--help"], wrong].concat(), [wrong, &["--help"]].concat()] {
            let ran = run(&words);
            assert_eq!((ran.code, &ran.stdout), (Some(0), &help.stdout), "{words:?}");
            assert_eq!(ran.stderr, "", "{words:?}");
        }
    }
}
