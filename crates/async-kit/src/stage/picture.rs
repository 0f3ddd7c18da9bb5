//! The pictures a reader asked for are refused before the run if they cannot be written.

use std::{
    fmt::Display,
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
};

use super::{record::Recording, svg, trace};

/// Where the pictures of a run go.
pub(super) struct Pictures {
    folder: Option<PathBuf>,
    trace: Option<(PathBuf, File)>,
    traced: Vec<(&'static str, Recording)>,
}

impl Pictures {
    /// Makes the folder and the file now: nobody likes to hear of them after a long run.
    pub(super) fn open(svg: Option<&Path>, trace: Option<&Path>) -> Result<Self, String> {
        if let Some(folder) = svg {
            fs::create_dir_all(folder).map_err(|error| cannot("make", folder, error))?;
        }
        let create = |path: &Path| match File::create(path) {
            Ok(file) => Ok((path.to_owned(), file)),
            Err(error) => Err(cannot("write", path, error)),
        };
        let trace = trace.map(create).transpose()?;
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
        if let Some(folder) = &self.folder {
            let path = folder.join(format!("{name}.svg"));
            let title = format!("{name}: {claim}");
            fs::write(&path, svg::render(recording, &title))
                .map_err(|error| cannot("write", &path, error))?;
        }
        if self.trace.is_some() {
            self.traced.push((name, recording.clone()));
        }
        Ok(())
    }

    /// Writes the trace of all sections.
    pub(super) fn close(&mut self) -> Result<(), String> {
        let Some((path, file)) = &mut self.trace else { return Ok(()) };
        let sections: Vec<_> =
            self.traced.iter().map(|(name, rec)| (*name, rec)).collect();
        file.write_all(trace::render(&sections).as_bytes())
            .map_err(|error| cannot("write", path, error))
    }
}

fn cannot(what: &str, path: &Path, error: impl Display) -> String {
    format!("cannot {what} {}: {error}", path.display())
}
