//! Each chapter's page ends with the same three parts: in production, exercises, further reading.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use super::{check_heading, read, root};

const PARTS: [&str; 3] = ["In production", "Exercises", "Further reading"];

/// The page of each chapter: its name begins with a number.
fn pages() -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join("docs/src")).expect("the pages");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let of_chapters: Vec<_> = paths
        .filter(|path| name(path).starts_with(|c: char| c.is_ascii_digit()))
        .collect();
    assert_eq!(of_chapters.len(), 18, "{of_chapters:?}");
    of_chapters
}

fn name(path: &Path) -> String {
    path.file_stem().expect("a name").to_string_lossy().into_owned()
}

/// The last three parts of a page, without their headings.
fn ends(path: &Path) -> [String; 3] {
    let page = read(path);
    let parts: Vec<_> = page.split("\n## ").collect();
    let last = parts.len().checked_sub(3).map_or(&[][..], |at| &parts[at..]);
    let titles: Vec<_> = last.iter().filter_map(|part| part.lines().next()).collect();
    assert_eq!(titles, PARTS, "the last parts of {}", name(path));
    [0, 1, 2].map(|at| last[at].split_once('\n').expect("a text").1.trim().to_owned())
}

#[test]
fn a_page_says_what_to_use_in_production_and_leads_to_more() {
    for path in pages() {
        let [production, ..] = ends(&path);
        let lines = production.lines().count();
        assert!((3..=6).contains(&lines), "{}: {lines} lines", name(&path));
        let target = production.rsplit("](").next().and_then(|link| link.split_once(')'));
        let (target, _) = target.expect("a link");
        assert!(target.starts_with("in-production.md#"), "{}: {target}", name(&path));
        check_heading(&name(&path), target);
    }
}

#[test]
fn a_page_lists_the_exercises_of_its_chapter() {
    for path in pages() {
        let [_, exercises, _] = ends(&path);
        // What the table contains is checked with the lists of the workshop.
        let table =
            format!("<!-- computed: exercises {} -->", name(&path).replace('-', "_"));
        assert!(exercises.contains(&table), "{} has no {table}", name(&path));
    }
}

/// A page, a section or an item, and not a site.
fn is_specific(url: &str) -> bool {
    let path = url.strip_prefix("https://").and_then(|url| url.split_once('/'));
    let path = path.map_or("", |(_, path)| path);
    path.contains('#') || path.split('/').filter(|part| !part.is_empty()).count() >= 2
}

#[test]
fn further_reading_leads_to_a_page_and_not_to_a_site() {
    let mut all = BTreeSet::new();
    for path in pages() {
        let [.., reading] = ends(&path);
        let count = reading.lines().count();
        assert!((3..=6).contains(&count), "{}: {count} links", name(&path));
        for line in reading.lines() {
            let link =
                line.strip_prefix("- [").and_then(|line| line.split_once("](https://"));
            let link = link.and_then(|(_, rest)| rest.split_once("): "));
            let (url, why) = link.unwrap_or_else(|| panic!("{}: {line}", name(&path)));
            let url = format!("https://{url}");
            // PEPs have one segment only.
            let is_pep = url.starts_with("https://peps.python.org/pep-");
            assert!(is_specific(&url) || is_pep, "{}: {url}", name(&path));
            assert!(!why.is_empty(), "{}: {line}", name(&path));
            assert!(all.insert(url), "{}: {line} is on another page, too", name(&path));
        }
    }
}

#[test]
fn a_site_is_not_specific() {
    assert!(!is_specific("https://tokio.rs"));
    assert!(!is_specific("https://docs.rs/tokio"));
    assert!(is_specific("https://tokio.rs/tokio/topics/testing"));
    assert!(is_specific("https://url.spec.whatwg.org/#url-equivalence"));
}
