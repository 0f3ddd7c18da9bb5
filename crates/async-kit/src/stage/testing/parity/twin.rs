//! A twin says in its own comments with which settings it is compared.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{listing::Section, setting::Setting};

const ALSO: &str = "# also compared with:";

/// The asyncio program beside a section.
#[derive(Debug)]
pub(super) struct Twin {
    pub(super) path: PathBuf,
    /// The defaults first, then what the twin's comments ask for.
    pub(super) settings: Vec<Setting>,
}

impl Twin {
    /// Finds the twin of `section` in `folder` and reads its settings.
    pub(super) fn open(folder: &Path, section: &Section) -> Result<Self, String> {
        let path = folder.join(format!("{}.py", section.name));
        let source = fs::read_to_string(&path)
            .map_err(|error| format!("it has no twin: {}: {error}", path.display()))?;
        let settings = settings(&source, section)
            .map_err(|why| format!("{}: {why}", path.display()))?;
        Ok(Self { path, settings })
    }

    /// Where the differences on purpose are written down.
    pub(super) fn differs(&self) -> PathBuf {
        self.path.with_extension("differs")
    }
}

fn settings(source: &str, section: &Section) -> Result<Vec<Setting>, String> {
    let mut settings = vec![Setting::default()];
    for text in source.lines().filter_map(|line| line.trim().strip_prefix(ALSO)) {
        let setting = Setting::parse(text)?;
        check(&setting, section)?;
        settings.push(setting);
    }
    match unturned(&settings, section) {
        Some(knob) => Err(format!(
            "nothing shows that the twin has the knob {knob} too: read {variable} from the \
             environment, and add a line such as\n{ALSO} {knob}=VALUE\n\
             with a value other than the default; several knobs may share a line",
            variable = super::setting::variable(knob),
        )),
        None => Ok(settings),
    }
}

/// A setting turns at least one knob, and only knobs that there are.
fn check(setting: &Setting, section: &Section) -> Result<(), String> {
    if setting.0.is_empty() {
        return Err(format!("{ALSO:?} is not followed by KNOB=VALUE"));
    }
    let known: Vec<_> = section.knobs.iter().map(|knob| knob.name.as_str()).collect();
    match setting.0.iter().find(|(name, _)| !known.contains(&name.as_str())) {
        None => Ok(()),
        Some((name, _)) => {
            Err(format!("{ALSO} {setting}: there is no knob {name}, only {known:?}"))
        }
    }
}

/// A knob that no setting turns away from its default.
fn unturned<'a>(settings: &[Setting], section: &'a Section) -> Option<&'a str> {
    let turns = |name: &str, default: &str| {
        let pairs = settings.iter().flat_map(|setting| &setting.0);
        pairs.clone().any(|(knob, value)| knob == name && value != default)
    };
    let mut knobs = section.knobs.iter();
    knobs.find(|knob| !turns(&knob.name, &knob.default)).map(|knob| knob.name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stage::testing::parity::listing;

    fn section() -> Section {
        let listing = "section\tfull\tpure\tit waits\nknob\tcapacity\t2\t1..=9\n\
                       knob\titems\t5\t1..=9\n";
        listing::parse(listing).expect("a listing").remove(0)
    }

    #[test]
    fn a_comment_adds_a_setting_to_the_defaults() {
        let source = "import asyncio\n# also compared with: capacity=1 items=3\n\
                      # also compared with: items=4\n";
        let settings = settings(source, &section()).expect("two settings");
        let shown: Vec<_> = settings.iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["", "capacity=1 items=3", "items=4"]);
    }

    #[test]
    fn a_knob_that_no_setting_turns_is_named() {
        for source in ["", "# also compared with: capacity=1 items=5\n"] {
            let error = settings(source, &section()).expect_err("a knob is not turned");
            let knob = if source.is_empty() { "capacity" } else { "items" };
            assert!(error.contains(&format!("{ALSO} {knob}=VALUE")), "{error}");
        }
    }

    #[test]
    fn a_setting_of_no_knob_is_refused() {
        for text in ["", " permits=1", " capacity"] {
            let error = settings(&format!("{ALSO}{text}\n"), &section());
            assert!(error.is_err(), "{text:?} gave {error:?}");
        }
    }
}
