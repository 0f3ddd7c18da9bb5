//! A panel shows a wrong program beside its cure, and the compiler's message below.

use anyhow::{Result, ensure};

use super::{Cure, Entry};
use crate::markup::{RUST, fence, tab};

impl Entry {
    /// The panel as Markdown, with the version of the compiler that wrote the message.
    pub(crate) fn draw(&self, version: &str) -> Result<String> {
        ensure!(!self.message.is_empty(), "no message is recorded: run `just compiler`");
        let error = self.error()?;
        let (cure, language) = match &self.cure {
            Cure::Program(text) => (text, RUST),
            Cure::Manifest(text) => (text, "toml"),
        };
        let name = &self.name;
        let side = format!("{name}-side");
        Ok(format!(
            "\n<section class=\"panel\" id=\"{name}\" aria-label=\"{error}: {name}\">\n\n\
             <div class=\"programs\" role=\"group\" aria-label=\"The program and its cure\">\n\
             {}{}\n\n{}\n\n{}\n</div>\n\n\
             <p class=\"title\">The message of {version}</p>\n\n{}\n\n</section>\n",
            tab(&side, &format!("{name}-wrong"), WRONG, true),
            tab(&side, &format!("{name}-right"), RIGHT, false),
            program(WRONG, RUST, &self.wrong),
            program(RIGHT, language, cure),
            fence("text", &self.message),
        ))
    }
}

const WRONG: &str = "Refused";
const RIGHT: &str = "Cured";

fn program(title: &str, language: &str, text: &str) -> String {
    format!(
        "<div class=\"program\"><p class=\"language\">{title}</p>\n\n{}\n</div>",
        fence(language, text)
    )
}
