//! The page `in-production.md` has every pattern of the kit, and names the versions that are used here.

use super::{read, root};

fn page() -> String {
    read(root().join("docs/src/in-production.md"))
}

/// The names of a pattern are in the second column of the first table of `patterns.rs`.
#[test]
fn every_pattern_of_the_kit_is_on_the_page() {
    let text = read(root().join("crates/async-kit/src/patterns.rs"));
    let rows = text.lines().skip_while(|line| !line.contains("| use |")).skip(2);
    let rows = rows.take_while(|line| line.starts_with("//! |"));
    let mut patterns = Vec::new();
    for row in rows {
        let uses = row.split('|').nth(2).expect("a second column");
        let name = uses.split('`').nth(1).expect("a name in code");
        let name =
            name.trim_end_matches("()").rsplit_once("::").map_or(name, |(_, it)| it);
        patterns.push(name.trim_end_matches("()").to_owned());
    }
    assert!(patterns.len() >= 16, "only {patterns:?}");
    // A scope is used by its function, `scope::with`.
    let is_there = |name: &str| page().contains(&format!("`{name}`"));
    let is_missing =
        |name: &&String| !is_there(name) && !is_there(&format!("scope::{name}"));
    let missing: Vec<_> = patterns.iter().filter(is_missing).collect();
    assert!(missing.is_empty(), "the page lacks {missing:?}");
}

/// "`tower` (0.5)" is the version of the root `Cargo.toml`; other crates are not used here.
#[test]
fn a_version_on_the_page_is_the_one_that_is_used_here() {
    let manifest = read(root().join("Cargo.toml"));
    let page = page();
    let mut compared = 0;
    for (before, after) in page.split("` (").zip(page.split("` (").skip(1)) {
        let name = before.rsplit('`').next().expect("a name in code");
        let (version, _) = after.split_once(')').expect("a bracket ends");
        let entry =
            |line: &&str| line.split(' ').next() == Some(name) && line.contains('"');
        let Some(entry) = manifest.lines().find(entry) else { continue };
        let used = entry.split('"').nth(1).expect("a version");
        assert!(
            used.starts_with(version),
            "{name} is {used} here, and {version} on the page"
        );
        compared += 1;
    }
    assert!(compared >= 5, "only {compared} versions were compared");
}
