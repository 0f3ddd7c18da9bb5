//! A trace opens in <https://ui.perfetto.dev> and shows each section as a process.

use std::time::Duration;

use super::{
    json::{Object, quoted},
    rows::{Row, Step, rows},
    totals,
};
use crate::stage::record::{Recording, What};

/// Writes the sections as one trace: JSON, with times in microseconds.
///
/// Each section is a process, and each lane is a thread of that process. A lane has one span from
/// its creation to its end. Inside it there is a span for each step, a span for each period in
/// which the lane had been woken and was not polled, and an instant event for each line that it
/// printed. The spans of a thread must nest, so steps that overlap without nesting go to extra
/// threads below their lane. A label beside its process
/// states how many events are missing from a recording, and how exact the times of other processes are.
///
/// # Examples
///
/// ```
/// use async_kit::{Lane, Transcript, say, stage::trace, virtual_time};
///
/// let seen = virtual_time(Transcript::of(async { say!("hello") }.lane("greeter")));
/// let trace = trace::render(&[("greeting", seen.recording())]);
/// assert!(trace.contains(r#""ph":"i","s":"t","ts":0.000,"pid":1,"tid":1"#));
/// ```
pub fn render(sections: &[(&str, &Recording)]) -> String {
    let processes = sections.iter().zip(1..);
    let events =
        processes.flat_map(|((name, recording), id)| process(id, name, recording));
    let events: Vec<_> = events.collect();
    format!(
        "{{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n{}\n]}}\n",
        events.join(",\n")
    )
}

/// A thread of the trace.
#[derive(Clone, Copy)]
struct Thread {
    process: usize,
    id: usize,
}

/// The thread of the lines that were printed outside any lane.
const NO_LANE: usize = 0;

fn process(id: usize, name: &str, recording: &Recording) -> Vec<String> {
    let outside = Thread { process: id, id: NO_LANE };
    let mut events = outside.named("process", name);
    let labels = totals::processes(recording).into_iter().chain(totals::lost(recording));
    let labels: Vec<_> = labels.collect();
    events.extend((!labels.is_empty()).then(|| outside.label(&labels.join(", "))));
    events.extend(said_outside(recording, outside));
    let mut next = NO_LANE + 1;
    for row in rows(recording) {
        for (number, steps) in nested(spans(&row)).iter().enumerate() {
            let thread = Thread { process: id, id: next };
            next += 1;
            match number {
                0 => events.extend(thread.lane(&row)),
                _ => {
                    events.extend(thread.named("thread", &format!("{} …", row.lane.name)))
                }
            }
            events.extend(steps.iter().map(|step| thread.step(step)));
        }
    }
    events
}

fn said_outside(recording: &Recording, thread: Thread) -> Vec<String> {
    let lines = recording.events.iter().filter_map(|event| match &event.what {
        What::Said(text) if event.lane.is_none() => Some((event.at, text)),
        _ => None,
    });
    let lines: Vec<_> = lines.map(|(at, text)| thread.said(at, text)).collect();
    match lines.is_empty() {
        true => lines,
        false => [thread.named("thread", "outside any lane"), lines].concat(),
    }
}

/// The steps and the periods without a poll, in the order of their beginnings.
fn spans<'r, 'a>(row: &'r Row<'a>) -> Vec<&'r Step<'a>> {
    let mut spans: Vec<_> = row.steps.iter().chain(&row.unpolled).collect();
    spans.sort_by_key(|span| span.from);
    spans
}

/// Splits the steps into groups, so that the steps of a group nest. There is always a first group,
/// even without steps.
fn nested<'r, 'a>(steps: Vec<&'r Step<'a>>) -> Vec<Vec<&'r Step<'a>>> {
    let mut groups = vec![(Vec::new(), Vec::<Duration>::new())];
    for step in steps {
        let group = groups.iter_mut().find_map(|(group, open)| {
            open.retain(|&end| end > step.from);
            open.last().is_none_or(|&end| step.to <= end).then_some((group, open))
        });
        match group {
            Some((group, open)) => {
                group.push(step);
                open.push(step.to);
            }
            None => groups.push((vec![step], vec![step.to])),
        }
    }
    groups.into_iter().map(|(group, _)| group).collect()
}

impl Thread {
    /// The name and the sort index of a process or a thread.
    fn named(self, what: &str, name: &str) -> Vec<String> {
        let Self { process, id } = self;
        let sort = if what == "process" { process } else { id };
        let ids = format!("\"ph\":\"M\",\"pid\":{process},\"tid\":{id}");
        let name = quoted(name);
        vec![
            format!("{{\"name\":\"{what}_name\",{ids},\"args\":{{\"name\":{name}}}}}"),
            format!(
                "{{\"name\":\"{what}_sort_index\",{ids},\"args\":{{\"sort_index\":{sort}}}}}"
            ),
        ]
    }

    /// A text that is shown beside the name of the process.
    fn label(self, text: &str) -> String {
        let (process, text) = (self.process, quoted(text));
        format!(
            "{{\"name\":\"process_labels\",\"ph\":\"M\",\"pid\":{process},\
             \"args\":{{\"labels\":{text}}}}}"
        )
    }

    fn lane(self, row: &Row<'_>) -> Vec<String> {
        let name = &row.lane.name;
        let made_at = row.lane.made_at.as_ref().map(|place| quoted(&place.to_string()));
        let args = Object::new().text("state", row.state.word());
        let args = args.optional("made at", made_at).end();
        let mut events = self.named("thread", name);
        events.push(self.span("lane", name, row.from, row.to, &args));
        events.extend(row.said.iter().map(|(at, text)| self.said(*at, text)));
        events
    }

    fn step(self, step: &Step<'_>) -> String {
        self.span("step", step.label, step.from, step.to, "{}")
    }

    fn span(
        self,
        kind: &str,
        name: &str,
        from: Duration,
        to: Duration,
        args: &str,
    ) -> String {
        let Self { process, id } = self;
        let name = quoted(name);
        let (from, took) = (micros(from), micros(to.saturating_sub(from)));
        format!(
            "{{\"name\":{name},\"cat\":\"{kind}\",\"ph\":\"X\",\"ts\":{from},\"dur\":{took},\
             \"pid\":{process},\"tid\":{id},\"args\":{args}}}"
        )
    }

    fn said(self, at: Duration, text: &str) -> String {
        let Self { process, id } = self;
        let (at, text) = (micros(at), quoted(text));
        format!(
            "{{\"name\":{text},\"cat\":\"said\",\"ph\":\"i\",\"s\":\"t\",\"ts\":{at},\
             \"pid\":{process},\"tid\":{id}}}"
        )
    }
}

/// Microseconds, which is the unit of the format, with three decimal places for nanoseconds.
fn micros(time: Duration) -> String {
    let nanos = time.as_nanos();
    format!("{}.{:03}", nanos / 1_000, nanos % 1_000)
}
