//! JSON is written without a JSON crate: a string needs escapes only for quotes, backslashes and control
//! characters.
//!
//! A JSON crate would make every reader's first build longer.

use std::fmt::{Display, Write};

/// The text as a JSON string, with its quotes.
pub(super) fn quoted(text: &str) -> String {
    let mut json = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => json.extend(['\\', c]),
            '\0'..='\u{1f}' => json += &format!("\\u{:04x}", u32::from(c)),
            _ => json.push(c),
        }
    }
    json + "\""
}

/// A JSON object, written member by member.
pub(super) struct Object(String);

impl Object {
    /// An object without members.
    pub(super) fn new() -> Self {
        Self(String::new())
    }

    /// Adds a member whose value is a text.
    pub(super) fn text(self, name: &str, text: &str) -> Self {
        self.json(name, quoted(text))
    }

    /// Adds a member whose value is a number, or already JSON.
    pub(super) fn json(mut self, name: &str, value: impl Display) -> Self {
        let comma = if self.0.is_empty() { "" } else { "," };
        let _ = write!(self.0, "{comma}{}:{value}", quoted(name));
        self
    }

    /// Adds the member if there is a value.
    pub(super) fn optional(self, name: &str, value: Option<impl Display>) -> Self {
        match value {
            Some(value) => self.json(name, value),
            None => self,
        }
    }

    /// The whole object.
    pub(super) fn end(self) -> String {
        format!("{{{}}}", self.0)
    }
}

/// A JSON array with these values on one line.
pub(super) fn array(values: impl IntoIterator<Item = String>) -> String {
    format!("[{}]", values.into_iter().collect::<Vec<_>>().join(","))
}

/// A JSON array with a line for each value, so that a changed value is a changed line.
pub(super) fn lines(values: impl IntoIterator<Item = String>) -> String {
    let values: Vec<_> = values.into_iter().collect();
    if values.is_empty() {
        "[]".to_owned()
    } else {
        format!("[\n{}\n]", values.join(",\n"))
    }
}
