//! Text becomes HTML, code becomes a fence that mdBook highlights, and a tab needs no script.

pub(crate) use html_escape::{
    encode_double_quoted_attribute as attribute, encode_text as escaped,
};

/// A sentence in which code lies between backticks, as in Markdown.
pub(crate) fn prose(text: &str) -> String {
    let mut html = String::new();
    for (number, part) in text.split('`').enumerate() {
        let part = escaped(part);
        match number % 2 {
            0 => html += &part,
            _ => html += &format!("<code>{part}</code>"),
        }
    }
    html
}

/// A block of code; its fence is longer than any in it.
pub(crate) fn fence(language: &str, code: &str) -> String {
    let mut ticks = "```".to_owned();
    while code.contains(&ticks) {
        ticks.push('`');
    }
    format!("{ticks}{language}\n{}\n{ticks}\n", code.trim_end())
}

/// The language of a fence with Rust, which mdBook shows without a button that runs it.
pub(crate) const RUST: &str = "rust,noplayground";

/// The tab that shows one of two programs in a narrow window; `name` is that of both tabs.
pub(crate) fn tab(name: &str, id: &str, label: &str, is_checked: bool) -> String {
    let checked = if is_checked { " checked" } else { "" };
    format!(
        "<input type=\"radio\" name=\"{name}\" id=\"{id}\"{checked}>\
         <label for=\"{id}\">{label}</label>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_has_its_code_marked() {
        assert_eq!(prose("a `b<c>` & d"), "a <code>b&lt;c&gt;</code> &amp; d");
    }

    #[test]
    fn a_fence_is_longer_than_those_in_its_code() {
        let code = "/// ```\n/// a\n/// ```\n";
        assert_eq!(fence("rust", code), "````rust\n/// ```\n/// a\n/// ```\n````\n");
    }
}
