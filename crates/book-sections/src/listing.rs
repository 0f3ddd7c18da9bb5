//! A chapter's plain listing has one line for each section, file, knob and question.

use anyhow::{Context, Result};

/// A section, as `--list --plain` describes it.
#[derive(Debug, Default)]
pub(crate) struct Section {
    pub(crate) name: String,
    /// The section runs in virtual time, so it has a recorded run and a twin.
    pub(crate) pure: bool,
    pub(crate) claim: String,
    /// Its file in the chapter's folder, `src/bounded.rs`.
    pub(crate) code: String,
    pub(crate) knobs: Vec<Knob>,
    pub(crate) question: Option<Question>,
}

/// A number of a section that a reader can change.
#[derive(Debug)]
pub(crate) struct Knob {
    pub(crate) name: String,
    pub(crate) default: String,
    pub(crate) range: String,
}

/// What a reader should predict before the run with this setting.
#[derive(Debug)]
pub(crate) struct Question {
    pub(crate) setting: String,
    pub(crate) text: String,
}

/// Reads a whole listing.
pub(crate) fn parse(listing: &str) -> Result<Vec<Section>> {
    let mut sections = Vec::new();
    for line in listing.lines() {
        add(&mut sections, line).with_context(|| format!("{line:?} is no listing"))?;
    }
    Ok(sections)
}

fn add(sections: &mut Vec<Section>, line: &str) -> Option<()> {
    let words: Vec<_> = line.split('\t').collect();
    match words[..] {
        ["section", name, kind @ ("pure" | "real-time"), claim] => {
            let pure = kind == "pure";
            let (name, claim) = (name.into(), claim.into());
            sections.push(Section { name, pure, claim, ..Section::default() });
        }
        ["code", path] => sections.last_mut()?.code = path.into(),
        ["knob", name, default, range] => {
            let [name, default, range] = [name, default, range].map(str::to_owned);
            sections.last_mut()?.knobs.push(Knob { name, default, range });
        }
        ["question", setting, text] => {
            let [setting, text] = [setting, text].map(str::to_owned);
            sections.last_mut()?.question = Some(Question { setting, text });
        }
        _ => return None,
    }
    Some(())
}
