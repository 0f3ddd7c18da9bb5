//! A chapter's plain listing has one line for each section, file, knob and question.

/// A section, as `--list --plain` describes it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Section {
    pub(super) name: String,
    /// The section runs in virtual time, so that it can be compared with a twin.
    pub(super) pure: bool,
    pub(super) knobs: Vec<Knob>,
    /// The setting in its question, such as `capacity=1`.
    pub(super) question: Option<String>,
}

/// A knob of a section.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Knob {
    pub(super) name: String,
    pub(super) default: String,
}

/// Reads a whole listing. Its lines, with their parts separated by tabs, are:
///
/// - `section NAME pure|real-time CLAIM`, for each section
/// - `code PATH`, the section's file in the chapter's folder, if it is still there
/// - `knob NAME DEFAULT RANGE`, for each knob of the section above
/// - `question SETTING TEXT`, if the section above has a question
pub(super) fn parse(listing: &str) -> Result<Vec<Section>, String> {
    let mut sections = Vec::new();
    for line in listing.lines() {
        add(&mut sections, line).ok_or(format!("{line:?} is not a line of a listing"))?;
    }
    Ok(sections)
}

fn add(sections: &mut Vec<Section>, line: &str) -> Option<()> {
    match *line.split('\t').collect::<Vec<_>>() {
        ["section", name, kind @ ("pure" | "real-time"), _claim] => {
            let pure = kind == "pure";
            let (name, knobs) = (name.into(), Vec::new());
            sections.push(Section { name, pure, knobs, question: None });
        }
        ["code", _path] => {}
        ["knob", name, default, _range] => {
            let knob = Knob { name: name.into(), default: default.into() };
            sections.last_mut()?.knobs.push(knob);
        }
        ["question", setting, _text] => {
            sections.last_mut()?.question = Some(setting.into());
        }
        _ => return None,
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_knob_belongs_to_the_section_above_it() {
        let listing = "section\tfull\tpure\tit waits\n\
                       code\tsrc/full.rs\n\
                       knob\tcapacity\t2\t1..=9\n\
                       knob\tpause\t50ms\t10ms..=1s\n\
                       section\tfiles\treal-time\tit reads\n";
        let sections = parse(listing).expect("a well-formed listing");
        let found: Vec<_> =
            sections.iter().map(|s| (s.name.as_str(), s.pure, s.knobs.len())).collect();
        assert_eq!(found, [("full", true, 2), ("files", false, 0)]);
        assert_eq!(sections[0].knobs[1].default, "50ms");
    }

    #[test]
    fn the_error_shows_the_line_that_has_another_form() {
        for line in ["section\tfull", "knob\tn\t1\t1..=2", "hello", "section\ta\tslow\tb"]
        {
            let error = parse(line).expect_err(line);
            assert!(error.contains(&format!("{line:?}")), "{error}");
        }
    }
}
