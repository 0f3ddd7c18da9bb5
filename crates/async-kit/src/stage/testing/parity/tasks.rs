//! The tasks of an asyncio program become the lanes of a recording.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use crate::stage::record::{Ending, Event, LaneId, LaneInfo, Place, Recording, What};

/// Reads the output of a program that reports its tasks. A lane has the name of its task's coroutine,
/// and every place lies in `file`.
pub(super) fn recording(output: &str, file: &str) -> Result<Recording, String> {
    let mut tasks = Tasks::new(file);
    for line in output.lines() {
        tasks.add(line).ok_or(format!("{line:?} reports no task"))?;
    }
    Ok(tasks.recording)
}

struct Tasks {
    recording: Recording,
    file: Arc<str>,
    /// The lane of each task, by Python's number: asyncio has tasks of its own, which have no lane.
    lanes: HashMap<u64, LaneId>,
    /// The tasks that have begun.
    started: HashSet<u64>,
}

impl Tasks {
    fn new(file: &str) -> Self {
        Self {
            recording: Recording::default(),
            file: file.into(),
            lanes: HashMap::new(),
            started: HashSet::new(),
        }
    }

    /// Adds the event of a line `\x1eMILLISECONDS EVENT TASK LINE TEXT`.
    fn add(&mut self, line: &str) -> Option<()> {
        let mut words = line.strip_prefix('\x1e')?.splitn(5, ' ');
        let at = Duration::from_millis(words.next()?.parse().ok()?);
        let (event, task) = (words.next()?, words.next()?.parse().ok());
        let place = self.place(words.next()?.parse().ok()?);
        let text = words.next()?.to_owned();
        self.recording.end = at;
        let what = match event {
            "made" => What::Made,
            "started" => What::Started,
            "said" => What::Said(text.clone()),
            "waits" => What::Waits,
            "done" => What::Ended(Ending::Done),
            "failed" => What::Ended(Ending::Failed),
            "cancelled" if self.started.contains(&task?) => What::Ended(Ending::Dropped),
            "cancelled" => What::Ended(Ending::NeverPolled),
            "end" => return Some(()),
            _ => return None,
        };
        match what {
            What::Made => {
                self.lanes.insert(task?, LaneId(self.recording.lanes.len()));
                let made_at = place.clone();
                self.recording.lanes.push(LaneInfo { name: text, made_at });
            }
            What::Started => drop(self.started.insert(task?)),
            _ => {}
        }
        let place = place.filter(|_| matches!(what, What::Said(_) | What::Waits));
        let lane = task.and_then(|task| self.lanes.get(&task).copied());
        self.recording.events.push(Event { at, lane, what, place });
        Some(())
    }

    /// The place of this line; zero is none.
    fn place(&self, line: u32) -> Option<Place> {
        (line > 0).then(|| Place::Line { file: Arc::clone(&self.file), line })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_belongs_to_its_task_and_its_line() {
        let output = "\x1e0 made 0 9 main\n\x1e0 started 0 0 \n\x1e0 waits 0 7 \n\
                      \x1e5 made 3 8 produce\n\x1e5 made 4 8 idle\n\x1e5 started 3 0 \n\
                      \x1e10 said 3 2 produced 0\n\x1e20 failed 3 0 \n\x1e20 cancelled 0 0 \n\
                      \x1e20 cancelled 4 0 \n\x1e20 said 5 0 the end\n\x1e20 end - 0 \n";
        let recording = recording(output, "a.py").expect("well formed");
        let at = |place: &Option<Place>| place.as_ref().map_or(0, Place::line);
        let lanes =
            recording.lanes.iter().map(|lane| (&lane.name[..], at(&lane.made_at)));
        assert_eq!(lanes.collect::<Vec<_>>(), [("main", 9), ("produce", 8), ("idle", 8)]);
        assert_eq!(recording.lanes[0].made_at.as_ref().map(Place::file), Some("a.py"));
        let events = recording.events.iter().map(|event| {
            let lane = event.lane.map(|LaneId(id)| id);
            (event.at.as_millis(), lane, event.what.clone(), at(&event.place))
        });
        let said = |text: &str| What::Said(text.to_owned());
        let expected = [
            (0, Some(0), What::Made, 0),
            (0, Some(0), What::Started, 0),
            (0, Some(0), What::Waits, 7),
            (5, Some(1), What::Made, 0),
            (5, Some(2), What::Made, 0),
            (5, Some(1), What::Started, 0),
            (10, Some(1), said("produced 0"), 2),
            (20, Some(1), What::Ended(Ending::Failed), 0),
            (20, Some(0), What::Ended(Ending::Dropped), 0),
            (20, Some(2), What::Ended(Ending::NeverPolled), 0),
            (20, None, said("the end"), 0),
        ];
        assert_eq!(events.collect::<Vec<_>>(), expected);
        assert_eq!(recording.end, Duration::from_millis(20));
    }

    #[test]
    fn a_line_of_another_form_is_refused() {
        for line in [
            "produced 0",
            "\x1eten made 0 1 main",
            "\x1e0 slept 0 1 x",
            "\x1e0 made 0 main x",
            "\x1e0 made 0",
        ] {
            assert!(recording(line, "a.py").is_err(), "{line:?} was accepted");
        }
    }
}
