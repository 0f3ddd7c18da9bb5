//! A chapter's plain listing has one line for each section, file, knob and question.

/// A section, as `--list --plain` describes it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Section {
    /// Its name on the command line, `bounded`.
    pub name: String,
    /// The section runs in virtual time, so that it can be compared with a twin.
    pub pure: bool,
    /// What it shows, in one line.
    pub claim: String,
    /// Its file in the chapter's folder, `src/bounded.rs`; empty if the file is not there any more.
    pub code: String,
    /// The numbers that a reader can change.
    pub knobs: Vec<Knob>,
    /// What a reader should predict.
    pub question: Option<Question>,
}

/// A knob of a section.
#[derive(Debug, PartialEq, Eq)]
pub struct Knob {
    /// Its name in `--set NAME=VALUE`.
    pub name: String,
    /// Its value without `--set`, such as `3` or `50ms`.
    pub default: String,
    /// The values that it accepts, such as `1..=9`.
    pub range: String,
}

/// What a reader should predict before the run with this setting.
#[derive(Debug, PartialEq, Eq)]
pub struct Question {
    /// The setting, such as `capacity=1`.
    pub setting: String,
    /// The question about the run with this setting.
    pub text: String,
}

/// Reads a whole listing. Its lines, with their parts separated by tabs, are:
///
/// - `section NAME pure|real-time CLAIM`, for each section
/// - `code PATH`, the section's file in the chapter's folder, if it is still there
/// - `knob NAME DEFAULT RANGE`, for each knob of the section above
/// - `question SETTING TEXT`, if the section above has a question
///
/// # Examples
///
/// ```
/// use async_kit::parity::sections;
///
/// let listing = "section\tfull\tpure\tit waits\nknob\tcapacity\t2\t1..=9\n";
/// let sections = sections(listing).expect("a well-formed listing");
/// assert_eq!(sections[0].knobs[0].range, "1..=9");
/// ```
///
/// # Errors
///
/// A sentence with the first line that has another form.
pub fn sections(listing: &str) -> Result<Vec<Section>, String> {
    let mut sections = Vec::new();
    for line in listing.lines() {
        add(&mut sections, line).ok_or(format!("{line:?} is not a line of a listing"))?;
    }
    Ok(sections)
}

fn add(sections: &mut Vec<Section>, line: &str) -> Option<()> {
    match *line.split('\t').collect::<Vec<_>>() {
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
        let sections = sections(listing).expect("a well-formed listing");
        let found: Vec<_> =
            sections.iter().map(|s| (s.name.as_str(), s.pure, s.knobs.len())).collect();
        assert_eq!(found, [("full", true, 2), ("files", false, 0)]);
        assert_eq!(sections[0].knobs[1].default, "50ms");
        assert_eq!(
            (&*sections[0].claim, &*sections[0].code),
            ("it waits", "src/full.rs")
        );
    }

    #[test]
    fn the_error_shows_the_line_that_has_another_form() {
        for line in ["section\tfull", "knob\tn\t1\t1..=2", "hello", "section\ta\tslow\tb"]
        {
            let error = sections(line).expect_err(line);
            assert!(error.contains(&format!("{line:?}")), "{error}");
        }
    }
}
