//! The part of a program in focus is what lies between its anchors.

use anyhow::{Result, bail, ensure};

use crate::listing::Listing;

const BEGIN: &str = "ANCHOR: ";
const END: &str = "ANCHOR_END: ";

/// The names of all anchors of a program, in order.
pub(crate) fn anchors(program: &Listing) -> Vec<&str> {
    program.lines().iter().filter_map(|line| mark(line, BEGIN)).collect()
}

/// The named parts of a program, one below the other and without their common indent.
pub(crate) fn parts(program: &Listing, anchors: &[&str]) -> Result<Listing> {
    let mut shown = program.with(Vec::new());
    for anchor in anchors {
        if !shown.lines().is_empty() {
            shown.push("\n");
        }
        shown.append(part(program, anchor)?);
    }
    Ok(shown)
}

/// One part; fails if it is missing, not closed, or empty.
pub(crate) fn part(program: &Listing, anchor: &str) -> Result<Listing> {
    let lines = program.lines().iter();
    let mut inside = lines.skip_while(|line| mark(line, BEGIN) != Some(anchor));
    ensure!(inside.next().is_some(), "there is no {BEGIN}{anchor}");
    let mut lines = Vec::new();
    loop {
        match inside.next() {
            None => bail!("there is no {END}{anchor}"),
            Some(line) if mark(line, END) == Some(anchor) => break,
            Some(line) if is_mark(line) => {}
            Some(line) => lines.push(line.clone()),
        }
    }
    let is_empty = lines.iter().all(|line| line.trim().is_empty());
    ensure!(!is_empty, "nothing lies between the anchors {anchor}");
    Ok(dedented(&program.with(lines)))
}

/// A whole program without the lines that mark its parts.
pub(crate) fn unmarked(program: &Listing) -> Listing {
    program.filtered(|line| !is_mark(line))
}

fn is_mark(line: &str) -> bool {
    mark(line, BEGIN).is_some() || mark(line, END).is_some()
}

/// The anchor of a comment that is nothing but a mark.
fn mark<'a>(line: &'a str, kind: &str) -> Option<&'a str> {
    let comment = line.trim().strip_prefix("//").or(line.trim().strip_prefix('#'))?;
    comment.trim_start().strip_prefix(kind).map(str::trim)
}

fn dedented(part: &Listing) -> Listing {
    let filled = part.lines().iter().filter(|line| !line.trim().is_empty());
    let indent = filled.map(|line| line.len() - line.trim_start().len()).min();
    part.mapped(|line| line.get(indent.unwrap_or(0)..).unwrap_or("").to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROGRAM: &str = "use a;\n    // ANCHOR: outer\n    fn a() {\n    // ANCHOR: inner\n\
                           \n        b();\n    // ANCHOR_END: inner\n    }\n    // ANCHOR_END: outer\n\
                           // ANCHOR: empty\n\n// ANCHOR_END: empty\n# ANCHOR: open\n";

    #[test]
    fn a_part_has_no_marks_and_no_common_indent() {
        let program = Listing::of("a.rs", PROGRAM);
        let outer = part(&program, "outer").expect("a part");
        assert_eq!(outer.text(), "fn a() {\n\n    b();\n}\n");
        let twice = parts(&program, &["inner", "inner"]).expect("parts");
        assert_eq!(twice.text(), "\nb();\n\n\nb();\n");
        assert!(twice.fence("rust").contains("data-lines=\"5-6 0 5-6\""), "{twice:?}");
        assert_eq!(anchors(&program), ["outer", "inner", "empty", "open"]);
        assert!(!unmarked(&program).text().contains("ANCHOR"));
    }

    #[test]
    fn a_part_that_is_missing_empty_or_not_closed_is_refused() {
        for (anchor, why) in [
            ("none", "there is no ANCHOR: none"),
            ("empty", "nothing lies between the anchors empty"),
            ("open", "there is no ANCHOR_END: open"),
        ] {
            let program = Listing::of("a.rs", PROGRAM);
            assert_eq!(part(&program, anchor).expect_err(anchor).to_string(), why);
        }
    }
}
