//! A file that cannot be written is refused before the run: a picture, a trace, or a record.

use std::{
    collections::BTreeSet,
    fmt::Display,
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use super::command_line::Options;
use crate::stage::render::{
    record_file::{self, Language, Run},
    svg, trace,
};

/// The files to which runs are drawn and written.
pub(super) struct WrittenFiles {
    chapter: &'static str,
    folder: Option<PathBuf>,
    trace: Option<Target>,
    record: Option<Target>,
    /// The runs that the trace and the record will hold.
    kept: Vec<Run>,
    /// The sections whose picture has been written.
    drawn: BTreeSet<String>,
}

/// A file that is open and not yet written.
struct Target {
    path: PathBuf,
    file: File,
}

impl WrittenFiles {
    /// Opens the files now, so that an error is reported before a long run and not after it. An
    /// old picture is not changed before the new one is written.
    pub(super) fn open(
        chapter: &'static str,
        options: &Options<'_>,
        sections: &[&'static str],
    ) -> Result<Self, String> {
        let folder = options.svg.clone();
        if let Some(folder) = &folder {
            fs::create_dir_all(folder).map_err(|error| cannot("make", folder, error))?;
            for section in sections {
                check_writable(&picture(folder, section))?;
            }
        }
        let trace = options.trace.as_deref().map(Target::open).transpose()?;
        let record = options.record.as_deref().map(Target::open).transpose()?;
        let (kept, drawn) = (Vec::new(), BTreeSet::new());
        Ok(Self { chapter, folder, trace, record, kept, drawn })
    }

    /// Writes the picture of a run, and keeps the run for the trace and the record.
    pub(super) fn add(&mut self, run: Run) -> Result<(), String> {
        let drawn = self.write_picture(&run);
        if self.trace.is_some() || self.record.is_some() {
            self.kept.push(run);
        }
        drawn
    }

    fn write_picture(&mut self, run: &Run) -> Result<(), String> {
        let Some(folder) = &self.folder else { return Ok(()) };
        let Run { section, claim, recording, .. } = run;
        let path = picture(folder, section);
        let drawn = svg::render(recording, &format!("{section}: {claim}"));
        fs::write(&path, drawn).map_err(|error| cannot("write", &path, error))?;
        self.drawn.insert(section.clone());
        Ok(())
    }

    /// Writes the trace and the record of all runs. Returns a line to print for each output: what was
    /// written, or why it could not be.
    pub(super) fn close(&mut self) -> Vec<Result<String, String>> {
        let mut written = Vec::new();
        if let Some(folder) = &self.folder {
            let (count, folder) = (self.drawn.len(), folder.display());
            let pictures = if count == 1 { "picture" } else { "pictures" };
            written.push(Ok(format!("{count} {pictures} to {folder}")));
        }
        if let Some(target) = &mut self.trace {
            let runs = self.kept.iter().map(|run| (run.section.as_str(), &run.recording));
            let ended = target.write(&trace::render(&runs.collect::<Vec<_>>()));
            let path = target.path.display();
            let note = format!("a trace to {path}; https://ui.perfetto.dev opens it");
            written.push(ended.map(|()| note));
        }
        if let Some(target) = &mut self.record {
            let record = record_file::render(self.chapter, Language::Rust, &self.kept);
            let ended = target.write(&record);
            written
                .push(ended.map(|()| format!("a record to {}", target.path.display())));
        }
        written
    }
}

impl Target {
    fn open(path: &Path) -> Result<Self, String> {
        Ok(Self { path: path.to_owned(), file: writable(path)? })
    }

    fn write(&mut self, text: &str) -> Result<(), String> {
        replace(&mut self.file, text).map_err(|error| cannot("write", &self.path, error))
    }
}

fn picture(folder: &Path, section: &str) -> PathBuf {
    folder.join(format!("{section}.svg"))
}

fn check_writable(path: &Path) -> Result<(), String> {
    let is_new = !path.exists();
    writable(path)?;
    // The file is removed again: if a walk ends before this section, no empty picture must be left.
    match is_new {
        true => remove(path).map_err(|error| cannot("write", path, error)),
        false => Ok(()),
    }
}

/// Removes a file that was created, and no symbolic link that points to it.
fn remove(path: &Path) -> io::Result<()> {
    fs::remove_file(fs::canonicalize(path)?)
}

fn writable(path: &Path) -> Result<File, String> {
    let file = File::options().write(true).create(true).truncate(false).open(path);
    file.map_err(|error| cannot("write", path, error))
}

fn replace(file: &mut File, text: &str) -> io::Result<()> {
    // A device or a pipe has no length to change.
    if file.metadata()?.is_file() {
        file.set_len(0)?;
    }
    file.write_all(text.as_bytes())
}

fn cannot(what: &str, path: &Path, error: impl Display) -> String {
    format!("cannot {what} {}: {error}", path.display())
}
