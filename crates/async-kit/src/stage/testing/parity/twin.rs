//! The comments of a twin list the settings with which it is compared.

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
    /// The defaults, then the settings in the twin's comments.
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

    /// The path of the file that asserts the differences on purpose.
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
    match never_changed(&settings, section) {
        Some(knob) => Err(format!(
            "no setting changes the knob {knob}, so the twin could ignore it: read {variable} \
             from the environment, and add a comment such as\n{ALSO} {knob}=VALUE\n\
             with a value other than the default; a comment may set several knobs",
            variable = super::setting::variable(knob),
        )),
        None => Ok(settings),
    }
}

/// A setting must set at least one knob, and only knobs that exist.
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

/// The first knob that no setting changes from its default.
fn never_changed<'a>(settings: &[Setting], section: &'a Section) -> Option<&'a str> {
    let is_changed = |name: &str, default: &str| {
        let pairs = settings.iter().flat_map(|setting| &setting.0);
        pairs.clone().any(|(knob, value)| knob == name && value != default)
    };
    let mut knobs = section.knobs.iter();
    knobs
        .find(|knob| !is_changed(&knob.name, &knob.default))
        .map(|knob| knob.name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stage::testing::parity::listing;

    fn section() -> Section {
        let listing = "section\tfull\tpure\tit waits\nknob\tcapacity\t2\t1..=9\n\
                       knob\titems\t5\t1..=9\n";
        listing::sections(listing).expect("a listing").remove(0)
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
    fn a_knob_that_no_setting_changes_is_named() {
        for source in ["", "# also compared with: capacity=1 items=5\n"] {
            let error =
                settings(source, &section()).expect_err("a knob keeps its default");
            let knob = if source.is_empty() { "capacity" } else { "items" };
            assert!(error.contains(&format!("{ALSO} {knob}=VALUE")), "{error}");
        }
    }

    #[test]
    fn a_setting_without_a_known_knob_is_refused() {
        for (text, why) in [
            ("", "is not followed by KNOB=VALUE"),
            (" permits=1", "there is no knob permits"),
            (" capacity", "\"capacity\" is not KNOB=VALUE"),
        ] {
            let error = settings(&format!("{ALSO}{text}\n"), &section());
            assert!(
                error.as_ref().is_err_and(|it| it.contains(why)),
                "{text}: {error:?}"
            );
        }
    }
}
