//! The page `translation.md` has every public name of asyncio, and each of its links leads somewhere.

use std::collections::BTreeSet;

use super::{check_shown_at, read, root};

/// The first column of a table whose rows name parts of asyncio.
const HEAD: &str = "| asyncio |";

/// The rows about asyncio: what is in the first cell, and what is in the last.
fn rows() -> Vec<[String; 2]> {
    let text = read(root().join("docs/src/translation.md"));
    let tables = text.split("\n\n").filter(|block| block.starts_with(HEAD));
    let rows = tables.flat_map(|table| table.lines().skip(2));
    rows.map(|row| {
        let cells: Vec<_> = row.trim_matches('|').split('|').map(str::trim).collect();
        assert_eq!(cells.len(), 4, "{row}");
        [cells[0].to_owned(), cells[3].to_owned()]
    })
    .collect()
}

/// The names in a cell: in "`Queue.put`, `.get`, `loop.stop`, `run(main())`" they are `Queue.put`,
/// `Queue.get`, `AbstractEventLoop.stop` and `run`.
fn names(cell: &str) -> Vec<String> {
    let mut class = String::new();
    let mut names = Vec::new();
    for code in cell.split('`').skip(1).step_by(2) {
        let (code, _) = code.split_once('(').unwrap_or((code, ""));
        let name = match code.strip_prefix('.') {
            Some(method) => format!("{class}.{method}"),
            None => code.replace("loop.", "AbstractEventLoop."),
        };
        if !code.starts_with('.') {
            let (scope, last) = name.rsplit_once('.').unwrap_or(("", &name));
            let is_class = last.starts_with(char::is_uppercase);
            class = if is_class { name.clone() } else { scope.to_owned() };
        }
        names.push(name);
    }
    names
}

#[test]
fn a_method_without_its_class_belongs_to_the_class_before_it() {
    let cell =
        "`Queue(n)`, `.get`, `loop.stop`, `.close`, `subprocess.Process.wait`, `.kill`";
    let expected = [
        "Queue",
        "Queue.get",
        "AbstractEventLoop.stop",
        "AbstractEventLoop.close",
        "subprocess.Process.wait",
        "subprocess.Process.kill",
    ];
    assert_eq!(names(cell), expected);
}

/// `tests/parity.rs` compares the list with Python.
#[test]
fn every_name_of_asyncio_has_a_row_and_every_row_names_a_part_of_asyncio() {
    let list = read(root().join("docs/asyncio/names.tsv"));
    let listed = list.lines().filter(|line| !line.starts_with('#'));
    let listed: BTreeSet<_> =
        listed.filter_map(|line| Some(line.split_once('\t')?.0.to_owned())).collect();
    let rows = rows();
    let named: BTreeSet<_> = rows.iter().flat_map(|[cell, _]| names(cell)).collect();
    let without_a_row: Vec<_> = listed.difference(&named).collect();
    let unknown: Vec<_> = named.difference(&listed).collect();
    assert!(listed.len() > 300, "only {} names", listed.len());
    assert!(without_a_row.is_empty(), "no row has {without_a_row:?}");
    assert!(unknown.is_empty(), "asyncio has no {unknown:?}");
}

#[test]
fn every_row_about_asyncio_leads_to_a_section_or_to_the_documentation() {
    for [cell, last] in rows() {
        let link = last.strip_prefix('[').and_then(|link| link.strip_suffix(')'));
        let link = link.and_then(|link| link.split_once("]("));
        let (text, target) = link.unwrap_or_else(|| panic!("{cell}: no link: {last}"));
        if !target.starts_with("https://docs.rs/tokio") {
            check_shown_at(&cell, text, target);
        }
    }
}
