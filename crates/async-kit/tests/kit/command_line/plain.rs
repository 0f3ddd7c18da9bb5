//! Output to a pipe or a file is plain: one line for each `say!`, and the same bytes each time.

use super::support::run;

const PERMITS: &str = "permits   jobs share a few permits

[  0.000s] job-0 starts
[  0.000s] job-1 starts
[  0.020s] job-0 is done
[  0.020s] job-1 is done
[  0.020s] job-2 starts
[  0.040s] job-2 is done

";

#[test]
fn the_plain_form_is_exact() {
    for words in [&["--fast", "permits"][..], &["--plain", "--fast", "permits"]] {
        let ran = run(words).exits_with(0);
        assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), (PERMITS, ""));
    }
}

#[test]
fn a_plain_line_is_never_wrapped() {
    let ran = run(&["--fast", "wide"]).exits_with(0);
    let long = "[  0.000s] a lane with a name of many words a sentence that is longer than a \
                narrow terminal is wide\n";
    assert!(ran.stdout.contains(long), "{ran:#?}");
}

#[test]
fn a_timeline_is_drawn_into_a_pipe_only_with_timeline_always() {
    let drawn = |when| {
        let ran = run(&["--fast", "permits", "--timeline", when]).exits_with(0);
        ran.stdout.contains("job-0  ")
    };
    assert_eq!(["auto", "never", "always"].map(drawn), [false, false, true]);
}

#[test]
fn virtual_runs_print_the_same_bytes_twenty_times() {
    let words = ["--fast", "--timeline", "always", "permits", "wide", "deadlock"];
    let first = run(&words).exits_with(1);
    for _ in 1..20 {
        let next = run(&words);
        assert_eq!(
            (next.stdout, next.stderr),
            (first.stdout.clone(), first.stderr.clone())
        );
    }
}

#[test]
fn with_fast_a_real_time_section_is_reported_as_left_out() {
    let ran = run(&["--fast", "workers", "hello"]).exits_with(0);
    let left_out =
        "workers   it counts the threads it runs on (real time only: left out)\n\n";
    assert!(ran.stdout.starts_with(left_out), "{ran:#?}");
    assert!(ran.stdout.ends_with("[  0.000s] hello\n\n"), "{ran:#?}");
}

#[test]
fn the_option_threads_sets_the_number_of_threads() {
    for (words, count) in [(&["workers"][..], 1), (&["workers", "--threads", "4"], 4)] {
        let ran = run(words).exits_with(0);
        assert!(ran.stdout.contains(&format!("s] {count} workers\n")), "{ran:#?}");
    }
    let ran = run(&["permits", "--threads", "4"]).exits_with(0);
    for job in 0..3 {
        assert!(ran.stdout.contains(&format!("s] job-{job} is done\n")), "{ran:#?}");
    }
}
