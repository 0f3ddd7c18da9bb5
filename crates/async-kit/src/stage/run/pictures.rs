//! Pictures that cannot be written are refused before the run.

use std::{
    collections::BTreeSet,
    fmt::Display,
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use crate::stage::{
    record::Recording,
    render::{svg, trace},
};

/// The files to which the pictures of a run are written.
pub(super) struct Pictures {
    folder: Option<PathBuf>,
    trace: Option<(PathBuf, File)>,
    traced: Vec<(&'static str, Recording)>,
    /// The sections whose picture has been written.
    drawn: BTreeSet<&'static str>,
}

impl Pictures {
    /// Opens the files now, so that an error is reported before a long run and not after it. An
    /// old picture is not changed before the new one is written.
    pub(super) fn open(
        svg: Option<&Path>,
        trace: Option<&Path>,
        sections: &[&'static str],
    ) -> Result<Self, String> {
        if let Some(folder) = svg {
            fs::create_dir_all(folder).map_err(|error| cannot("make", folder, error))?;
            for section in sections {
                check_writable(&picture(folder, section))?;
            }
        }
        let trace = match trace {
            Some(path) => Some((path.to_owned(), writable(path)?)),
            None => None,
        };
        let (traced, drawn) = (Vec::new(), BTreeSet::new());
        Ok(Self { folder: svg.map(Path::to_owned), trace, traced, drawn })
    }

    /// Writes one section's picture.
    pub(super) fn draw(
        &mut self,
        name: &'static str,
        claim: &str,
        recording: &Recording,
    ) -> Result<(), String> {
        if self.trace.is_some() {
            self.traced.push((name, recording.clone()));
        }
        let Some(folder) = &self.folder else { return Ok(()) };
        let path = picture(folder, name);
        let drawn = svg::render(recording, &format!("{name}: {claim}"));
        fs::write(&path, drawn).map_err(|error| cannot("write", &path, error))?;
        self.drawn.insert(name);
        Ok(())
    }

    /// Writes the trace of all sections, and returns a line to print for each written output.
    pub(super) fn close(&mut self) -> Result<Vec<String>, String> {
        let mut written = Vec::new();
        if let Some(folder) = &self.folder {
            let (count, folder) = (self.drawn.len(), folder.display());
            let pictures = if count == 1 { "picture" } else { "pictures" };
            written.push(format!("{count} {pictures} to {folder}"));
        }
        if let Some((path, file)) = &mut self.trace {
            let sections: Vec<_> =
                self.traced.iter().map(|(name, recording)| (*name, recording)).collect();
            let text = trace::render(&sections);
            replace(file, &text).map_err(|error| cannot("write", path, error))?;
            let path = path.display();
            written.push(format!("a trace to {path}; https://ui.perfetto.dev opens it"));
        }
        Ok(written)
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
