//! The pictures a reader asked for are refused before the run if they cannot be written.

use std::{
    fmt::Display,
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
};

use crate::stage::{
    record::Recording,
    render::{svg, trace},
};

/// Where the pictures of a run go.
pub(super) struct Pictures {
    folder: Option<PathBuf>,
    trace: Option<(PathBuf, File)>,
    traced: Vec<(&'static str, Recording)>,
}

impl Pictures {
    /// Makes the files now: nobody likes to hear of them after a long run. An old picture is
    /// left as it is until there is a new one.
    pub(super) fn open(
        svg: Option<&Path>,
        trace: Option<&Path>,
        sections: &[&'static str],
    ) -> Result<Self, String> {
        if let Some(folder) = svg {
            fs::create_dir_all(folder).map_err(|error| cannot("make", folder, error))?;
            for section in sections {
                writable(&picture(folder, section))?;
            }
        }
        let trace = match trace {
            Some(path) => Some((path.to_owned(), writable(path)?)),
            None => None,
        };
        Ok(Self { folder: svg.map(Path::to_owned), trace, traced: Vec::new() })
    }

    pub(super) fn wanted(&self) -> bool {
        self.folder.is_some() || self.trace.is_some()
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
        fs::write(&path, drawn).map_err(|error| cannot("write", &path, error))
    }

    /// Writes the trace of all sections.
    pub(super) fn close(&mut self) -> Result<(), String> {
        let Some((path, file)) = &mut self.trace else { return Ok(()) };
        let sections: Vec<_> =
            self.traced.iter().map(|(name, rec)| (*name, rec)).collect();
        let text = trace::render(&sections);
        replace(file, &text).map_err(|error| cannot("write", path, error))
    }
}

fn picture(folder: &Path, section: &str) -> PathBuf {
    folder.join(format!("{section}.svg"))
}

fn writable(path: &Path) -> Result<File, String> {
    let file = File::options().write(true).create(true).truncate(false).open(path);
    file.map_err(|error| cannot("write", path, error))
}

fn replace(file: &mut File, text: &str) -> std::io::Result<()> {
    // A device or a pipe has no length to change; what it is given now is all that it holds.
    if file.metadata()?.is_file() {
        file.set_len(0)?;
    }
    file.write_all(text.as_bytes())
}

fn cannot(what: &str, path: &Path, error: impl Display) -> String {
    format!("cannot {what} {}: {error}", path.display())
}
