//! A query about steps or lanes counts the events in their order.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail, ensure};

use super::{Answer, Moment, seconds};
use crate::recorded::{Event, Run, What};

/// The same as `Recording::peak` of the kit: events count in their order.
pub(super) fn peak(label: &str, run: &Run) -> Result<Answer> {
    // The lane of each open step.
    let mut open = BTreeMap::new();
    let mut most = (BTreeSet::new(), 0);
    for event in &run.events {
        match &event.what {
            What::In { step, label: new } if new == label => {
                open.insert(*step, event.lane);
            }
            What::Out { step } => drop(open.remove(step)),
            What::Ended { .. } => open.retain(|_, lane| *lane != event.lane),
            _ => {}
        }
        let lanes: BTreeSet<_> = open.values().copied().flatten().collect();
        if lanes.len() > most.0.len() {
            most = (lanes, event.at);
        }
    }
    let (lanes, at) = most;
    ensure!(!lanes.is_empty(), "{}", no_step(label, run));
    let names: Vec<_> = lanes.iter().map(|&lane| run.lanes[lane].name.as_str()).collect();
    let text = format!("{} (in the step “{label}”)", names.join(", "));
    Ok(Answer { text: lanes.len().to_string(), shown: vec![Moment { at, text }] })
}

fn no_step(label: &str, run: &Run) -> String {
    let labels = run.events.iter().filter_map(|event| match &event.what {
        What::In { label, .. } => Some(label.as_str()),
        _ => None,
    });
    let labels: BTreeSet<_> = labels.collect();
    let labels: Vec<_> = labels.into_iter().collect();
    format!("no step is {label:?}, only: {}", labels.join(", "))
}

pub(super) fn inside(label: &str, name: &str, run: &Run) -> Result<Answer> {
    let lane = lane(name, run)?;
    let (mut total, mut begun, mut shown) = (0, BTreeMap::new(), Vec::new());
    for event in run.events.iter().filter(|event| event.lane == Some(lane)) {
        let ended: Vec<_> = match &event.what {
            What::In { step, label: new } if new == label => {
                begun.insert(*step, event.at);
                continue;
            }
            What::Out { step } => begun.remove(step).into_iter().collect(),
            What::Ended { .. } => std::mem::take(&mut begun).into_values().collect(),
            _ => continue,
        };
        for start in ended {
            total += event.at - start;
            let text =
                format!("{name} ends “{label}” after {}", seconds(event.at - start));
            shown.push(Moment { at: event.at, text });
        }
    }
    ensure!(!shown.is_empty(), "{name} ends no step {label:?}: {}", no_step(label, run));
    Ok(Answer { text: seconds(total), shown })
}

/// The moment in which a lane ends, and how.
pub(super) fn ending(name: &str, run: &Run) -> Result<(Moment, &'static str)> {
    let lane = lane(name, run)?;
    let end = run.events.iter().find_map(|Event { at, lane: of, what }| match what {
        What::Ended { how } if *of == Some(lane) => Some((*at, how)),
        _ => None,
    });
    let (at, how) = end.with_context(|| format!("{name} does not end"))?;
    let how = match how.as_str() {
        "dropped" => "cancelled",
        "done" => "done",
        "failed" => "failed",
        "panicked" => "panicked",
        "never polled" => "never polled",
        _ => bail!("a lane cannot end as {how}"),
    };
    Ok((Moment { at, text: format!("{name}: {how}") }, how))
}

/// The only lane of this name.
fn lane(name: &str, run: &Run) -> Result<usize> {
    let mut found = run.lanes.iter().enumerate().filter(|(_, lane)| lane.name == name);
    match (found.next(), found.next()) {
        (Some((at, _)), None) => Ok(at),
        (Some(_), Some(_)) => bail!("several lanes are named {name}"),
        (None, _) => {
            let names: Vec<_> = run.lanes.iter().map(|lane| lane.name.as_str()).collect();
            bail!("no lane is named {name}, only: {}", names.join(", "))
        }
    }
}
