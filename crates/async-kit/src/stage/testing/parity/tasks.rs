//! The tasks of an asyncio program become the lanes of a recording.

use std::{collections::HashMap, time::Duration};

use crate::stage::record::{Ending, Event, LaneId, LaneInfo, Recording, What};

/// Reads the output of a program that reports its tasks. A lane has the name of its task's coroutine.
pub(super) fn recording(output: &str) -> Result<Recording, String> {
    let mut tasks = Tasks::default();
    for line in output.lines() {
        tasks.add(line).ok_or(format!("{line:?} reports no task"))?;
    }
    Ok(tasks.recording)
}

#[derive(Default)]
struct Tasks {
    recording: Recording,
    /// The lane of each task, by Python's number: asyncio has tasks of its own, which have no lane.
    lanes: HashMap<u64, LaneId>,
}

impl Tasks {
    /// Adds the events of a line `\x1eMILLISECONDS EVENT TASK TEXT`.
    fn add(&mut self, line: &str) -> Option<()> {
        let mut words = line.strip_prefix('\x1e')?.splitn(4, ' ');
        let at = Duration::from_millis(words.next()?.parse().ok()?);
        let (event, task, text) = (words.next()?, words.next()?, words.next()?);
        let task = task.parse().ok();
        self.recording.end = at;
        if event == "made" {
            self.lanes.insert(task?, LaneId(self.recording.lanes.len()));
            self.recording.lanes.push(LaneInfo { name: text.to_owned(), made_at: None });
        }
        let lane = task.and_then(|task| self.lanes.get(&task).copied());
        let mut push =
            |what| self.recording.events.push(Event { at, lane, what, place: None });
        match event {
            "made" => {
                push(What::Made);
                push(What::Started);
            }
            "said" => push(What::Said(text.to_owned())),
            "done" => push(What::Ended(Ending::Done)),
            "failed" => push(What::Ended(Ending::Failed)),
            "cancelled" => push(What::Ended(Ending::Dropped)),
            "end" => {}
            _ => return None,
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_belongs_to_the_task_that_printed_it() {
        let output = "\x1e0 made 0 main\n\x1e5 made 3 produce\n\x1e10 said 3 produced 0\n\
                      \x1e20 failed 3 \n\x1e20 cancelled 0 \n\x1e20 said 4 the end\n\x1e20 end - \n";
        let recording = recording(output).expect("well formed");
        let names: Vec<_> =
            recording.lanes.iter().map(|lane| lane.name.as_str()).collect();
        assert_eq!(names, ["main", "produce"]);
        let said = What::Said("produced 0".into());
        let at = Duration::from_millis(10);
        let place = None;
        assert_eq!(
            recording.events[4],
            Event { at, lane: Some(LaneId(1)), what: said, place }
        );
        assert_eq!(recording.events[5].what, What::Ended(Ending::Failed));
        assert_eq!(recording.events[6].lane, Some(LaneId(0)));
        assert_eq!(recording.events[7].lane, None);
        assert_eq!(recording.end, Duration::from_millis(20));
    }

    #[test]
    fn a_line_of_another_form_is_refused() {
        for line in ["produced 0", "\x1eten made 0 main", "\x1e0 slept 0 x", "\x1e0 made"]
        {
            assert!(recording(line).is_err(), "{line:?} was accepted");
        }
    }
}
