//! Every section, test and heading that the book names exists.

mod asyncio_names;
mod links;
mod page_ends;
mod production;

use std::{
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: impl AsRef<Path>) -> String {
    let path = path.as_ref();
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The folder of a chapter, whatever its number.
fn chapter(package: &str) -> PathBuf {
    let crates = fs::read_dir(root().join("crates")).expect("the crates");
    let mut paths = crates.map(|entry| entry.expect("an entry").path());
    let suffix = format!("-{package}");
    paths
        .find(|path| path.to_string_lossy().ends_with(&suffix))
        .unwrap_or_else(|| panic!("no chapter {package}"))
}

struct Row {
    id: String,
    section: String,
    tests: String,
}

fn coverage() -> Vec<Row> {
    let text = read(root().join("docs/src/coverage.md"));
    let rows = text.lines().filter(|line| line.starts_with("| S"));
    rows.map(|line| {
        let cells: Vec<_> = line.trim_matches('|').split('|').map(str::trim).collect();
        assert_eq!(cells.len(), 3, "{line}");
        let [id, section, tests] = [0, 1, 2].map(|at| cells[at].replace('`', ""));
        Row { id, section, tests }
    })
    .collect()
}

fn slug(heading: &str) -> String {
    let words = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = words.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

fn check_heading(id: &str, target: &str) {
    let (page, anchor) = target.split_once('#').expect("a heading after the page");
    let text = read(root().join("docs/src").join(page));
    let mut headings = text.lines().filter(|line| line.starts_with('#'));
    assert!(headings.any(|line| slug(line) == anchor), "{id}: no heading {target}");
}

fn check_listed(id: &str, package: &str, section: &str) {
    let main = read(chapter(package).join("src/main.rs"));
    let listed = main.contains(&format!("\"{section}\""));
    assert!(listed, "{id}: {package} lists no section {section}");
}

/// On the page of a chapter a link text `queues: bounded` names a section, which the page shows below the
/// heading of the link. Any other text only names a heading.
fn check_shown_at(id: &str, text: &str, target: &str) {
    check_heading(id, target);
    let (page, anchor) = target.split_once('#').expect("checked above");
    let Some((package, section)) = text.split_once(": ") else { return };
    if !page.starts_with(|c: char| c.is_ascii_digit()) {
        return;
    }
    check_listed(id, package, section);
    assert!(page.ends_with(&format!("-{package}.md")), "{id}: {text} is not on {page}");
    let page = read(root().join("docs/src").join(page));
    let shown =
        [format!("{{{{#section {section}}}}}"), format!("{{{{#section {section} ")];
    let above =
        page.lines().take_while(|line| !shown.iter().any(|it| line.starts_with(it)));
    let heading = above.filter(|line| line.starts_with('#')).last().map(slug);
    assert_eq!(heading.as_deref(), Some(anchor), "{id}: {text} is not shown at {target}");
}

/// A row may name several sections of one chapter, and tests of these sections.
fn check_section(row: &Row) {
    for name in row.section.split(',').map(str::trim) {
        let (package, section) =
            name.split_once('/').unwrap_or_else(|| panic!("{}: no section", row.id));
        check_listed(&row.id, package, section);
    }
    let package = row.section.split('/').next().expect("checked above");
    for test in row.tests.split(',').map(str::trim) {
        check_test(&row.id, package, test);
    }
}

fn check_test(id: &str, package: &str, test: &str) {
    let (module, name) = test
        .rsplit_once("::")
        .unwrap_or_else(|| panic!("{id}: {test:?} is not of the form module::test"));
    let module = module.replace("::", "/");
    // The page names an integration test of a chapter as `tests/FILE::…`.
    let folder = if module.starts_with("tests/") { "" } else { "src/" };
    let path = chapter(package).join(format!("{folder}{module}.rs"));
    let text = read(&path);
    let at = text.find(&format!("fn {name}("));
    let at = at.unwrap_or_else(|| panic!("{id}: no test {name} in {}", path.display()));
    let before = text[..at].rsplit("}\n").next().unwrap_or_default();
    assert!(
        before.contains("test]") || before.contains("test("),
        "{id}: {name} is not a test"
    );
    assert!(
        !before.contains("#[ignore"),
        "{id}: {name} is ignored, so it proves nothing"
    );
}

#[test]
fn every_row_of_the_coverage_page_names_a_section_and_tests_that_exist() {
    let rows = coverage();
    assert_eq!(rows.len(), 139, "rows of the coverage page");
    for row in rows.iter().filter(|row| row.tests != "later") {
        match row.section.contains(".md") {
            true => check_heading(&row.id, &row.section),
            false => check_section(row),
        }
    }
}

#[test]
fn every_id_of_the_coverage_page_occurs_once() {
    let mut ids: Vec<_> = coverage().into_iter().map(|row| row.id).collect();
    ids.sort();
    let count = ids.len();
    ids.dedup();
    assert_eq!(ids.len(), count, "an id occurs twice");
}

/// A term in the glossary, with the text and the target of its link.
struct Word {
    term: String,
    text: String,
    target: String,
}

fn words() -> Vec<Word> {
    let text = read(root().join("docs/src/words.md"));
    let rows = text.lines().filter(|line| line.starts_with("| ")).skip(1);
    rows.map(|line| {
        let cells: Vec<_> = line.trim_matches('|').split('|').map(str::trim).collect();
        assert_eq!(cells.len(), 4, "{line}");
        let link = cells[3].strip_prefix('[').and_then(|link| link.strip_suffix(')'));
        let link = link.and_then(|link| link.split_once("]("));
        let (text, target) = link.unwrap_or_else(|| panic!("no link: {line}"));
        let term = cells[0].replace(['`', '\''], "").to_lowercase();
        Word { term, text: text.into(), target: target.into() }
    })
    .collect()
}

#[test]
fn every_row_of_the_glossary_leads_to_a_section_or_a_heading_that_exists() {
    let words = words();
    assert!(words.len() >= 80, "only {} terms", words.len());
    for Word { term, text, target } in &words {
        check_shown_at(term, text, target);
    }
}

#[test]
fn the_glossary_is_sorted_and_has_each_term_once() {
    let terms: Vec<_> = words().into_iter().map(|word| word.term).collect();
    let unsorted = terms.windows(2).find(|pair| pair[0] >= pair[1]);
    assert!(unsorted.is_none(), "not in alphabetical order: {unsorted:?}");
}

/// The page shows where two lanes are in a run of `bounded`.
#[test]
fn how_to_read_a_page_names_the_lines_of_its_example() {
    let code = read(chapter("queues").join("src/bounded.rs"));
    let line = |text| 1 + code.lines().position(|line| line.contains(text)).expect(text);
    let page = read(root().join("docs/src/reading.md"));
    for row in [
        format!("waits, since 0.060 s | after line {} |", line("sleep(making)")),
        format!("using, since 0.040 s | line {} |", line("sleep(using)")),
    ] {
        assert!(page.contains(&row), "{row}");
    }
}
