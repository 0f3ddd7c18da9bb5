//! The events of a recording are in order, even if several threads say lines.

use std::panic::Location;

use super::*;

#[test]
fn times_never_go_back_while_two_threads_say_lines() {
    let (recorder, here) = (Recorder::silent(), Location::caller());
    recorder.begin();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                (0..MAX_EVENTS / 2).for_each(|_| recorder.said(None, "", here.into()))
            });
        }
    });
    let recording = recorder.recording();
    let backwards = recording.events.windows(2).filter(|two| two[0].at > two[1].at);
    assert_eq!(backwards.count(), 0, "of {}", recording.events.len());
    assert!(recording.events.iter().all(|event| event.at <= recording.end));
}
