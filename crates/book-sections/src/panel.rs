//! A panel shows all of a section: the command, both programs, what they print, when, and why.

mod printed;
mod programs;

use std::{collections::BTreeMap, fmt::Write};

use anyhow::{Context, Result, ensure};
use async_kit::parity::Section;

use self::programs::{Python, Rust};
use crate::{
    chapter::Chapter,
    exercises::Exercise,
    markup::{attribute, escaped, fence, prose},
    picture::Picture,
    snippet,
    workspace::Workspace,
};

/// Everything that the book shows of a section.
pub(crate) struct Panel<'a> {
    chapter: &'a Chapter,
    section: &'a Section,
    rust: Rust,
    python: Option<Python>,
    picture: Option<Picture>,
    exercises: Vec<&'a Exercise>,
}

/// What a page has from the panels above, and needs only once.
#[derive(Default)]
pub(crate) struct Above {
    /// Whether the rules of the pictures are in the page.
    has_style: bool,
    /// The id of each file that several programs of the page use, by its path and text.
    files: BTreeMap<(String, String), String>,
}

impl<'a> Panel<'a> {
    /// Reads what belongs to a section; `anchors` are in focus.
    pub(crate) fn of(
        workspace: &'a Workspace,
        chapter: &'a Chapter,
        section: &'a Section,
        anchors: &[&str],
    ) -> Result<Self> {
        let path = format!("{}/{}", chapter.path, section.code);
        let code = chapter.listing(&section.code)?;
        let twin =
            chapter.twin(section).map(|file| chapter.listing(&file)).transpose()?;
        for anchor in anchors {
            let mut programs = [Some(&code), twin.as_ref()].into_iter().flatten();
            let is_known = programs.any(|it| snippet::anchors(it).contains(anchor));
            ensure!(is_known, "{path} has no ANCHOR: {anchor}");
        }
        let rust =
            Rust::read(workspace, chapter, section, &code, anchors).context(path)?;
        let python = twin.map(|twin| {
            let path = format!("{}/asyncio/{}.py", chapter.path, section.name);
            Python::read(chapter, section, &twin, anchors).context(path)
        });
        let is_about = |it: &&Exercise| it.is_about(&chapter.package, &section.name);
        Ok(Self {
            chapter,
            section,
            rust,
            python: python.transpose()?,
            picture: Picture::of(&chapter.picture(&section.name))?,
            exercises: workspace.exercises.iter().filter(is_about).collect(),
        })
    }

    /// The panel as Markdown: mdBook reads a fence between empty lines, also inside of HTML.
    pub(crate) fn draw(&self, above: &mut Above) -> String {
        let name = &self.section.name;
        let parts = [
            self.style(above),
            format!(
                "<section class=\"panel\" data-chapter=\"{}\" data-section=\"{name}\"{} \
                 aria-label=\"Section {name}\">",
                self.chapter.package,
                if self.section.pure { " data-pure" } else { "" }
            ),
            self.head(),
            fence("console", &self.command("")),
            self.programs(above),
            self.run(),
            self.foot(),
            self.records(),
            "</section>".to_owned(),
        ];
        let parts = parts.iter().filter(|part| !part.is_empty());
        parts.map(|part| format!("\n{part}\n")).collect()
    }

    fn style(&self, above: &mut Above) -> String {
        match &self.picture {
            Some(picture) if !above.has_style => {
                above.has_style = true;
                format!("<style>{}</style>", picture.style)
            }
            _ => String::new(),
        }
    }

    /// What was recorded of both programs, for the script of the page.
    fn records(&self) -> String {
        let rust = self.rust.record.as_ref().map(|record| record.script("rust"));
        let python = self.python.as_ref().map(|it| it.record.script("python"));
        [rust, python].into_iter().flatten().collect::<Vec<_>>().join("\n\n")
    }

    fn id(&self, what: &str) -> String {
        format!("{}-{}-{what}", self.chapter.package, self.section.name)
    }

    fn command(&self, rest: &str) -> String {
        self.chapter.command(&self.section.name) + rest
    }

    fn head(&self) -> String {
        let Section { name, claim, pure, code, .. } = self.section;
        let path = |program, file| {
            let id = self.id(program);
            format!(
                "<li><a href=\"#{id}\"><code>{}/{file}</code></a></li>",
                self.chapter.path
            )
        };
        let mut paths = path("tokio-program", code.clone());
        if *pure {
            paths += &path("asyncio-program", format!("asyncio/{name}.py"));
        }
        format!(
            "<div class=\"panel-head\"><p class=\"claim\"><code>{name}</code> {}</p>\n\
             <ul class=\"paths\">{paths}</ul></div>",
            prose(claim)
        )
    }

    /// What to try next: a question, the knobs, the exercises.
    fn foot(&self) -> String {
        let parts = self.question() + &self.knobs() + &self.exercises();
        if parts.is_empty() {
            return parts;
        }
        format!("<div class=\"panel-foot\">\n{parts}\n</div>")
    }

    fn question(&self) -> String {
        let Some(question) = &self.section.question else { return String::new() };
        let setting = &question.setting;
        format!(
            "\n<div class=\"predict\"><p><strong>Predict, then run:</strong> with \
             <code>{setting}</code>, {}</p>\n\n{}\n</div>\n",
            prose(&question.text),
            fence("console", &self.command(&format!(" --set {setting}")))
        )
    }

    fn knobs(&self) -> String {
        let mut knobs = String::new();
        for knob in &self.section.knobs {
            let range = knob.range.replace("..=", " to ");
            let _ = write!(
                knobs,
                "<li data-knob=\"{}\" data-default=\"{}\" data-range=\"{}\">\
                 <code>{}={}</code> ({})</li>",
                attribute(&knob.name),
                attribute(&knob.default),
                attribute(&knob.range),
                escaped(&knob.name),
                escaped(&knob.default),
                escaped(&range)
            );
        }
        if knobs.is_empty() {
            return knobs;
        }
        format!("\n<div class=\"knobs\"><p>Knobs:</p><ul>{knobs}</ul></div>\n")
    }

    fn exercises(&self) -> String {
        let mut text = String::new();
        for exercise in &self.exercises {
            let Exercise { name, minutes, about, .. } = exercise;
            let _ = write!(
                text,
                "\n<p class=\"exercise\"><a href=\"workshop.html#{}\">Exercise</a> \
                 <code>{name}</code> ({minutes} minutes): {}. Edit <code>{}</code>, and run \
                 <code>cargo test --bin {name}</code> in <code>{}</code>.</p>\n",
                exercise.heading(),
                prose(about),
                exercise.path(),
                exercise.folder()
            );
        }
        text
    }
}
