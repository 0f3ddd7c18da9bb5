//! The tables of a page lie between two marks, and what surrounds them is kept.

use std::{
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};

use crate::{
    pack::{Pack, read},
    tables::table,
};

/// What surrounds a table that is computed.
const BEGIN: &str = "<!-- computed: ";
const NAMED: &str = " -->";
const END: &str = "<!-- end -->";

/// A page of the book, or a README, with its tables.
pub(crate) struct Page {
    path: PathBuf,
    text: String,
}

impl Page {
    pub(crate) fn read(path: &Path) -> Result<Self> {
        Ok(Self { path: path.to_owned(), text: read(path)? })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes today's tables into the page.
    pub(crate) fn write(&self, packs: &[Pack]) -> Result<()> {
        let path = || self.path.display().to_string();
        let text = filled(&self.text, packs).with_context(path)?;
        fs::write(&self.path, text).with_context(path)
    }

    /// The names of its tables.
    pub(crate) fn tables(&self) -> impl Iterator<Item = &str> {
        let marks = self.text.split(BEGIN).skip(1);
        marks.filter_map(|rest| Some(rest.split_once(NAMED)?.0))
    }

    pub(crate) fn has(&self, table: &str) -> bool {
        self.tables().any(|name| name == table)
    }

    /// Why the tables of the page are not those of the packs, if so.
    pub(crate) fn problem(&self, packs: &[Pack]) -> Option<String> {
        let why = match filled(&self.text, packs) {
            Ok(text) if text == self.text => return None,
            Ok(_) => "its tables are outdated: run `just tables`".to_owned(),
            Err(error) => format!("{error:#}"),
        };
        Some(format!("{}: {why}", self.path.display()))
    }
}

/// The page with today's tables.
fn filled(page: &str, packs: &[Pack]) -> Result<String> {
    let mut text = String::new();
    let mut rest = page;
    while let Some((before, after)) = rest.split_once(BEGIN) {
        let (what, after) =
            after.split_once(NAMED).context("a mark of a table does not end")?;
        let table = table(what, packs)
            .with_context(|| format!("the table `{what}` cannot be computed"))?;
        let (old, after) = after
            .split_once(END)
            .with_context(|| format!("the table `{what}` does not end"))?;
        ensure!(!old.contains(BEGIN), "the table `{what}` does not end");
        let _ = write!(text, "{before}{BEGIN}{what}{NAMED}\n{table}{END}");
        rest = after;
    }
    Ok(text + rest)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::tables::tests::packs;

    /// A page with these tables, as the example packs have them.
    pub(crate) fn page(name: &str, tables: &[&str]) -> Page {
        let marks = tables.iter().map(|table| format!("{BEGIN}{table}{NAMED}\n{END}\n"));
        let text = filled(&marks.collect::<String>(), &packs()).unwrap();
        Page { path: Path::new("docs/src").join(name), text }
    }

    #[test]
    fn a_table_is_written_between_its_marks_and_the_rest_is_kept() {
        let page = "before <!-- computed: route day -->\nold\n<!-- end -->\n\
                    <!-- computed: route short --><!-- end --> after";
        let now = "before <!-- computed: route day -->\n1 h 35 min: `tasks1` · `queues1`\n\
                   <!-- end -->\n<!-- computed: route short -->\n5 min: `tasks1`\n\
                   <!-- end --> after";
        assert_eq!(filled(page, &packs()).unwrap(), now);
        assert_eq!(filled(now, &packs()).unwrap(), now);
        assert_eq!(filled("no table", &packs()).unwrap(), "no table");
    }

    #[test]
    fn a_table_without_an_end_is_refused() {
        for page in [
            "<!-- computed: chapters",
            "<!-- computed: chapters -->",
            "<!-- computed: chapters --> <!-- computed: route day --> <!-- end -->",
        ] {
            let why = filled(page, &packs()).unwrap_err().to_string();
            assert!(why.ends_with("does not end"), "{page}: {why}");
        }
    }

    #[test]
    fn a_page_with_another_table_is_outdated() {
        let mut page = page("02-tasks.md", &["route short"]);
        assert_eq!(page.problem(&packs()), None);
        page.text = page.text.replace("tasks1", "tasks2");
        let why = page.problem(&packs()).unwrap();
        assert_eq!(
            why,
            "docs/src/02-tasks.md: its tables are outdated: run `just tables`"
        );
    }

    #[test]
    fn a_table_that_cannot_be_computed_is_named() {
        let mark = format!("{BEGIN}route days{NAMED}{END}");
        let why = filled(&mark, &packs()).unwrap_err().to_string();
        assert_eq!(why, "the table `route days` cannot be computed");
    }
}
