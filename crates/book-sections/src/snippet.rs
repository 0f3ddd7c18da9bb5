//! The part of a program in focus is what lies between its anchors.

use anyhow::{Result, bail, ensure};

const BEGIN: &str = "ANCHOR: ";
const END: &str = "ANCHOR_END: ";

/// The names of all anchors of a program, in order.
pub(crate) fn anchors(program: &str) -> Vec<&str> {
    program.lines().filter_map(|line| mark(line, BEGIN)).collect()
}

/// The named parts of a program, one below the other and without their common indent.
pub(crate) fn parts(program: &str, anchors: &[&str]) -> Result<String> {
    let parts = anchors.iter().map(|anchor| part(program, anchor));
    Ok(parts.collect::<Result<Vec<_>>>()?.join("\n"))
}

/// One part; fails if it is missing, not closed, or empty.
pub(crate) fn part(program: &str, anchor: &str) -> Result<String> {
    let mut inside = program.lines().skip_while(|line| mark(line, BEGIN) != Some(anchor));
    ensure!(inside.next().is_some(), "there is no {BEGIN}{anchor}");
    let mut lines = Vec::new();
    loop {
        match inside.next() {
            None => bail!("there is no {END}{anchor}"),
            Some(line) if mark(line, END) == Some(anchor) => break,
            Some(line) if is_mark(line) => {}
            Some(line) => lines.push(line),
        }
    }
    let part = dedented(&lines);
    ensure!(!part.trim().is_empty(), "nothing lies between the anchors {anchor}");
    Ok(part)
}

/// A whole program without the lines that mark its parts.
pub(crate) fn unmarked(program: &str) -> String {
    let lines = program.lines().filter(|line| !is_mark(line));
    lines.map(|line| format!("{line}\n")).collect()
}

fn is_mark(line: &str) -> bool {
    mark(line, BEGIN).is_some() || mark(line, END).is_some()
}

/// The anchor of a comment that is nothing but a mark.
fn mark<'a>(line: &'a str, kind: &str) -> Option<&'a str> {
    let comment = line.trim().strip_prefix("//").or(line.trim().strip_prefix('#'))?;
    comment.trim_start().strip_prefix(kind).map(str::trim)
}

fn dedented(lines: &[&str]) -> String {
    let filled = lines.iter().filter(|line| !line.trim().is_empty());
    let indent = filled.map(|line| line.len() - line.trim_start().len()).min();
    let cut = |line: &&str| line.get(indent.unwrap_or(0)..).unwrap_or("").to_owned();
    lines.iter().map(cut).map(|line| line + "\n").collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROGRAM: &str = "use a;\n    // ANCHOR: outer\n    fn a() {\n    // ANCHOR: inner\n\
                           \n        b();\n    // ANCHOR_END: inner\n    }\n    // ANCHOR_END: outer\n\
                           // ANCHOR: empty\n\n// ANCHOR_END: empty\n# ANCHOR: open\n";

    #[test]
    fn a_part_has_no_marks_and_no_common_indent() {
        assert_eq!(part(PROGRAM, "outer").expect("a part"), "fn a() {\n\n    b();\n}\n");
        assert_eq!(
            parts(PROGRAM, &["inner", "inner"]).expect("parts"),
            "\nb();\n\n\nb();\n"
        );
        assert_eq!(anchors(PROGRAM), ["outer", "inner", "empty", "open"]);
        assert!(!unmarked(PROGRAM).contains("ANCHOR"));
    }

    #[test]
    fn a_part_that_is_missing_empty_or_not_closed_is_refused() {
        for (anchor, why) in [
            ("none", "there is no ANCHOR: none"),
            ("empty", "nothing lies between the anchors empty"),
            ("open", "there is no ANCHOR_END: open"),
        ] {
            assert_eq!(part(PROGRAM, anchor).expect_err(anchor).to_string(), why);
        }
    }
}
