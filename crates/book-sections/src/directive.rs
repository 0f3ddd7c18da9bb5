//! A directive is a line of its own in a page: `{{#section NAME}}`, and others with one argument at most.

use anyhow::{Result, bail, ensure};

const BEGIN: &str = "{{#section";

/// A line that asks for a section.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Directive<'a> {
    /// The chapter, if it is not that of the page.
    pub(crate) chapter: Option<&'a str>,
    pub(crate) section: &'a str,
    /// The parts of the programs in focus; none means the part that has the section's name.
    pub(crate) anchors: Vec<&'a str>,
}

/// Reads a line of a page; `None` if it has no directive.
pub(crate) fn parse(line: &str) -> Result<Option<Directive<'_>>> {
    if !line.contains(BEGIN) {
        return Ok(None);
    }
    let inner = line.strip_prefix(BEGIN).and_then(|rest| rest.strip_suffix("}}"));
    let Some(inner) = inner else {
        bail!("a section is a line of its own: {BEGIN} NAME}}}}");
    };
    let mut words = inner.split_whitespace();
    let Some(name) = words.next() else { bail!("the directive names no section") };
    ensure!(inner.starts_with(' '), "write a space before {name}");
    let (chapter, section) = match name.split_once('/') {
        Some((chapter, section)) => (Some(chapter), section),
        None => (None, name),
    };
    Ok(Some(Directive { chapter, section, anchors: words.collect() }))
}

/// The argument of another directive of a line, `NAME` of `{{#error NAME}}`; `None` if the line has
/// none of this kind.
pub(crate) fn argument<'a>(line: &'a str, kind: &str) -> Result<Option<&'a str>> {
    let begin = format!("{{{{#{kind}");
    if !line.contains(&begin) {
        return Ok(None);
    }
    let argument = line.strip_prefix(&begin).and_then(|rest| rest.strip_suffix("}}"));
    let Some(argument) = argument else {
        bail!("a directive is a line of its own: {begin} …}}}}");
    };
    Ok(Some(argument.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directive_names_a_section_its_chapter_and_the_parts_in_focus() {
        let parsed = |line| parse(line).expect("well formed");
        let plain = Directive { chapter: None, section: "bounded", anchors: vec![] };
        assert_eq!(parsed("{{#section bounded}}"), Some(plain));
        let chapter = Some("queues");
        let whole =
            Directive { chapter, section: "event", anchors: vec!["plain", "event"] };
        assert_eq!(parsed("{{#section queues/event plain event}}"), Some(whole));
        assert_eq!(parsed("the queue of a section"), None);
    }

    #[test]
    fn a_directive_of_another_form_is_refused() {
        for line in [
            "{{#section}}",
            "{{#section  }}",
            "see {{#section a}}",
            "{{#section a",
            "{{#sectiona}}",
        ] {
            assert!(parse(line).is_err(), "{line} was accepted");
        }
    }
}
