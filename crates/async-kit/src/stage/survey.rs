//! What knobs a section has is known before it runs: one silent run in virtual time tells.

use super::{
    chapter::{Chapter, Kind, Section},
    cli::{Clock, Options},
    engine,
    record::{KnobInfo, Recorder},
};

/// What `--list` prints.
pub(super) fn list(chapter: &Chapter, options: &Options<'_>) -> String {
    let for_machines = options.plain;
    let mut text = if for_machines { String::new() } else { heading(chapter) };
    for section in &options.sections {
        let knobs = knobs(section, &[]);
        text += &if for_machines { row(section, &knobs) } else { entry(section, &knobs) };
    }
    text
}

fn heading(chapter: &Chapter) -> String {
    format!("{}: {}\n\n", chapter.name, chapter.claim)
}

fn entry(section: &Section, knobs: &[KnobInfo]) -> String {
    let kind = if section.kind == Kind::Pure { "" } else { " (real time only)" };
    let mut text = format!("  {:<16} {}{kind}\n", section.name, section.claim);
    for knob in knobs {
        text += &format!(
            "  {:<16}   --set {}={} ({})\n",
            "", knob.name, knob.default, knob.range
        );
    }
    text
}

/// One tab-separated line for the section and one for each knob, for programs to read.
fn row(section: &Section, knobs: &[KnobInfo]) -> String {
    let kind = if section.kind == Kind::Pure { "pure" } else { "real-time" };
    let mut text = format!("section\t{}\t{kind}\t{}\n", section.name, section.claim);
    for knob in knobs {
        text += &format!("knob\t{}\t{}\t{}\n", knob.name, knob.default, knob.range);
    }
    text
}

/// Refuses a `--set` that no chosen section can use.
///
/// A section that runs in real time is not run silently first, so with one of those among the
/// chosen an unknown name may be its knob: [`check_known`] says so after the run.
pub(super) fn check_settings(options: &Options<'_>) -> Result<(), String> {
    if options.settings.is_empty() {
        return Ok(());
    }
    let sections = options.sections.iter();
    let known: Vec<_> =
        sections.flat_map(|section| knobs(section, &options.settings)).collect();
    let real = |section: &&Section| section.kind == Kind::RealTime;
    if options.clock != Clock::Virtual && options.sections.iter().any(real) {
        return check_values(&known);
    }
    check_known(&options.settings, &known)
}

/// Refuses settings that are none of these knobs, or out of a knob's range.
pub(super) fn check_known(
    settings: &[(String, String)],
    known: &[KnobInfo],
) -> Result<(), String> {
    let unknown = settings.iter().find(|(name, _)| known.iter().all(|k| k.name != *name));
    match unknown {
        Some((name, _)) => Err(format!("there is no knob {name:?}\n{}", listed(known))),
        None => check_values(known),
    }
}

fn check_values(known: &[KnobInfo]) -> Result<(), String> {
    let refused = known.iter().find_map(|k| Some((&k.name, k.refused.as_ref()?)));
    match refused {
        Some((name, why)) => Err(format!("--set {name}: {why}\n{}", listed(known))),
        None => Ok(()),
    }
}

fn listed(known: &[KnobInfo]) -> String {
    if known.is_empty() {
        return "these sections have no knobs".into();
    }
    let mut lines: Vec<_> = known
        .iter()
        .map(|k| format!("  --set {}={} ({})", k.name, k.default, k.range))
        .collect();
    // Sections may share a knob.
    lines.sort();
    lines.dedup();
    format!("knobs:\n{}", lines.join("\n"))
}

/// The knobs of a pure section, found by a silent run under `settings`.
fn knobs(section: &Section, settings: &[(String, String)]) -> Vec<KnobInfo> {
    if section.kind == Kind::RealTime {
        return Vec::new();
    }
    let recorder = Recorder::new(false, settings.to_vec(), |_, _, _| {});
    // How it ends is not the question here; the run that follows will tell.
    let _ = engine::run(Clock::Virtual, &recorder, &section.body);
    recorder.recording().knobs
}
