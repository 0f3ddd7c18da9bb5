//! A `.differs` file asserts every line of a difference on purpose, and gives its reason.

use std::{fs, io};

use super::{setting::Setting, twin::Twin};

/// The content of `asyncio/NAME.differs`.
#[derive(Debug, Default)]
pub(super) struct Differs {
    /// The comments, unchanged.
    pub(super) why: Vec<String>,
    /// For each setting, the lines that only one side prints.
    blocks: Vec<(Setting, Vec<String>)>,
}

impl Differs {
    /// Reads the file beside the twin. If there is no file, no difference is expected.
    pub(super) fn open(twin: &Twin) -> Result<Self, String> {
        let path = twin.differs();
        match fs::read_to_string(&path) {
            Ok(text) => Self::parse(&text).and_then(|differs| differs.known_to(twin)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error.to_string()),
        }
        .map_err(|why| format!("{}: {why}", path.display()))
    }

    fn parse(text: &str) -> Result<Self, String> {
        let mut differs = Self::default();
        for line in text.lines().map(str::trim_end).filter(|line| !line.is_empty()) {
            differs.add(line)?;
        }
        if !differs.why.iter().any(|line| gives_a_reason(line)) {
            return Err("it has no line `# why …` that gives the reason".into());
        }
        match differs.blocks.iter().find(|(_, lines)| lines.is_empty()) {
            Some((setting, _)) => {
                Err(format!("[{setting}] has no lines below it: delete it"))
            }
            None if differs.blocks.is_empty() => {
                Err("it asserts no lines: delete the file".into())
            }
            None => Ok(differs),
        }
    }

    fn add(&mut self, line: &str) -> Result<(), String> {
        if line.starts_with('#') {
            self.why.push(line.to_owned());
        } else if let Some(setting) = header(line) {
            let setting = Setting::parse(setting)?;
            // `expected` would use the first block only.
            if self.blocks.iter().any(|(other, _)| *other == setting) {
                return Err(format!(
                    "{line} is listed twice: put its lines into one block"
                ));
            }
            self.blocks.push((setting, Vec::new()));
        } else if line.starts_with("- ") || line.starts_with("+ ") {
            if self.blocks.is_empty() {
                self.blocks.push(<_>::default());
            }
            self.blocks
                .last_mut()
                .into_iter()
                .for_each(|(_, lines)| lines.push(line.into()));
        } else {
            return Err(format!("{line:?} must begin with `# `, `- `, `+ ` or `[`"));
        }
        Ok(())
    }

    /// The asserted lines for `setting`; empty if no difference is expected.
    pub(super) fn expected(&self, setting: &Setting) -> &[String] {
        let block = self.blocks.iter().find(|(other, _)| other == setting);
        block.map_or(&[], |(_, lines)| lines)
    }

    /// Refuses lines for a setting with which the twin is not compared.
    fn known_to(self, twin: &Twin) -> Result<Self, String> {
        let mut settings = self.blocks.iter().map(|(setting, _)| setting);
        match settings.find(|setting| !twin.settings.contains(setting)) {
            None => Ok(self),
            Some(setting) => Err(format!(
                "the twin is not compared with [{setting}]: delete it, or add this line to the twin\n\
                 # also compared with: {setting}"
            )),
        }
    }
}

fn gives_a_reason(line: &str) -> bool {
    line.strip_prefix("# why").is_some_and(|reason| reason.contains(char::is_alphabetic))
}

fn header(line: &str) -> Option<&str> {
    line.strip_prefix('[')?.strip_suffix(']')
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "# why a sentinel takes a slot\n- [  0.100s] x\n+ [  0.200s] x\n\n\
                        [permits=1]\n- [  0.300s] y\n";

    #[test]
    fn each_setting_has_its_own_lines() {
        let differs = Differs::parse(GOOD).expect("a good file");
        let one = Setting::parse("permits=1").expect("a setting");
        let two = Setting::parse("permits=2").expect("a setting");
        assert_eq!(
            differs.expected(&<_>::default()),
            ["- [  0.100s] x", "+ [  0.200s] x"]
        );
        assert_eq!(differs.expected(&one), ["- [  0.300s] y"]);
        assert!(differs.expected(&two).is_empty());
    }

    #[test]
    fn a_file_without_a_reason_or_without_lines_is_refused() {
        let lines = "- [  0.100s] x\n";
        for text in [
            lines.to_owned(),
            format!("# why …\n{lines}"),
            "# why nothing differs\n".to_owned(),
            format!("# why it does\n{lines}[permits=1]\n"),
            format!("# why it does\n{lines}x\n"),
        ] {
            assert!(Differs::parse(&text).is_err(), "{text:?} was accepted");
        }
    }

    #[test]
    fn a_second_block_for_the_same_setting_is_refused() {
        for again in ["[permits=1]\n- [  0.400s] z\n", "[]\n- [  0.400s] z\n"] {
            let error = Differs::parse(&format!("{GOOD}{again}")).expect_err(again);
            assert!(error.ends_with("is listed twice: put its lines into one block"));
        }
    }

    #[test]
    fn no_file_expects_no_difference() {
        let twin = Twin { path: "no/such/file.py".into(), settings: Vec::new() };
        let differs = Differs::open(&twin).expect("no file");
        assert!(differs.expected(&<_>::default()).is_empty());
    }

    #[test]
    fn a_file_that_cannot_be_read_is_an_error_and_a_missing_one_is_not() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let twin = Twin { path: folder.path().join("wait.py"), settings: Vec::new() };
        assert!(Differs::open(&twin).is_ok());
        fs::create_dir(folder.path().join("wait.differs")).expect("a folder");
        let error = Differs::open(&twin).expect_err("a folder is no text");
        assert!(error.contains("wait.differs: "), "{error}");
    }
}
