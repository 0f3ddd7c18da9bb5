//! What the programs print lies beside the timeline; lines of one side only are marked.

use std::fmt::Write;

use super::Panel;
use crate::{
    differs::Differs,
    markup::{escaped, prose},
    picture::Picture,
    record::Record,
    transcript::{Line, marked},
};

impl Panel<'_> {
    /// The output and the timeline of the run, or of both runs if they differ.
    pub(super) fn run(&self) -> String {
        let (Some(Record { lines: rust, .. }), Some(python)) =
            (&self.rust.record, &self.python)
        else {
            return "<p class=\"real-time\">This section runs in real time, so its times differ \
                    from run to run: run it yourself.</p>"
                .to_owned();
        };
        let (printed, picture) = (&python.record.lines, self.picture.as_ref());
        let mut text = match printed == rust {
            true => run("Both programs print", rust, &[], picture),
            false => {
                let block = python.differs.with_defaults();
                let [minus, plus] = block
                    .map_or([&[][..]; 2], |block| [&block.python[..], &block.rust[..]]);
                let twin = run("asyncio prints", printed, minus, python.picture.as_ref());
                twin + &run("Tokio prints", rust, plus, picture)
            }
        };
        if !python.differs.reason.is_empty() {
            text += &differences(&python.differs);
        }
        text
    }
}

fn run(
    title: &str,
    printed: &[Line],
    others: &[Line],
    picture: Option<&Picture>,
) -> String {
    let picture = picture.map_or(String::new(), timeline);
    format!("<div class=\"run\">\n{}\n{picture}</div>\n", output(title, printed, others))
}

/// A list of printed lines under a title. Those of `others` are marked as printed by one side only.
fn output(title: &str, printed: &[Line], others: &[Line]) -> String {
    let mut items = String::new();
    for (Line { seconds, text }, is_marked) in marked(printed, others) {
        let class = if is_marked { " class=\"only\"" } else { "" };
        let _ = write!(
            items,
            "<li{class}><time>{seconds}&nbsp;s</time> <span>{}</span></li>",
            escaped(text)
        );
    }
    format!(
        "<div class=\"output\"><p class=\"title\">{title}</p>\
         <ol tabindex=\"0\" aria-label=\"{title}\">{items}</ol></div>"
    )
}

/// Why the languages differ, and in which lines with other settings.
fn differences(differs: &Differs) -> String {
    let mut text = format!(
        "<div class=\"differs\"><p><strong>Where the languages differ:</strong> {}</p>",
        prose(&differs.reason)
    );
    for block in differs.blocks.iter().filter(|block| !block.setting.is_empty()) {
        let sides =
            [("Only asyncio prints", &block.python), ("Only Tokio prints", &block.rust)];
        let sides = sides.iter().filter(|(_, lines)| !lines.is_empty());
        let sides: String =
            sides.map(|(title, lines)| output(title, lines, lines)).collect();
        let setting = &block.setting;
        let _ = write!(
            text,
            "<details><summary>With <code>{setting}</code></summary>{sides}</details>"
        );
    }
    text + "</div>"
}

/// The picture, and what happens in it in words.
fn timeline(picture: &Picture) -> String {
    let mut lanes = String::new();
    for (lane, events) in &picture.lanes {
        let events = events.iter().map(|event| format!("<li>{}</li>", escaped(event)));
        let events: String = events.collect();
        let _ = write!(lanes, "<dt>{}</dt><dd><ul>{events}</ul></dd>", escaped(lane));
    }
    format!(
        "<figure class=\"timeline\"><div class=\"scroll\" tabindex=\"0\" role=\"group\" \
         aria-label=\"Timeline\">\n{}</div><details><summary>The timeline in words</summary>\
         <dl>{lanes}</dl></details></figure>",
        picture.svg.trim_end()
    )
}
