//! mdBook does not check the links inside of a book.

use std::fs;

use super::{check_heading, check_shown_at, read, root};

/// The text and the target of each link in a line.
fn links(line: &str) -> impl Iterator<Item = (&str, &str)> {
    line.match_indices("](").filter_map(|(at, mark)| {
        let (_, text) = line[..at].rsplit_once('[')?;
        let (target, _) = line[at + mark.len()..].split_once(')')?;
        Some((text, target))
    })
}

#[test]
fn every_link_inside_of_the_book_leads_to_a_page_and_a_heading() {
    let folder = root().join("docs/src");
    let mut count = 0;
    for entry in fs::read_dir(&folder).expect("the pages") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|it| it != "md") {
            continue;
        }
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let text = read(&path);
        let links = text.lines().flat_map(links);
        for (text, target) in links.filter(|(_, target)| !target.contains("://")) {
            count += 1;
            match target.split_once('#') {
                None => {
                    assert!(folder.join(target).is_file(), "{name}: no page {target}")
                }
                Some(("", own)) => check_heading(&name, &format!("{name}#{own}")),
                Some(_) => check_shown_at(&name, text, target),
            }
        }
    }
    assert!(count > 200, "only {count} links");
}

#[test]
fn a_line_may_have_several_links() {
    let found: Vec<_> = links("[a](b.md) or [c: `d`](e.md#f), not x](y").collect();
    assert_eq!(found, [("a", "b.md"), ("c: `d`", "e.md#f")]);
}
