//! A temporary file either takes the name of its target or is gone.

use std::{
    fs, io,
    path::{self, Path, PathBuf},
};

/// A file beside its target, removed when this is dropped before the rename.
#[derive(Debug)]
pub(super) struct Temporary {
    /// `None` once it has the name of its target.
    path: Option<PathBuf>,
    target: PathBuf,
}

impl Temporary {
    /// Makes an empty file in the folder of `path`, because a rename stays within one file
    /// system, and with the permissions of `path`, so that a secret stays one.
    pub(super) fn beside(path: &Path) -> io::Result<(fs::File, Self)> {
        let target = resolved(path)?;
        let replaced = replaced(&target)?;
        let folder = target.parent().ok_or(io::ErrorKind::InvalidInput)?;
        let (file, path) = new_file_in(folder)?;
        let temporary = Self { path: Some(path), target };
        if let Some(replaced) = replaced {
            file.set_permissions(replaced.permissions())?;
        }
        Ok((file, temporary))
    }

    pub(super) fn target(&self) -> &Path {
        &self.target
    }

    pub(super) fn rename(mut self) -> io::Result<()> {
        if let Some(path) = &self.path {
            fs::rename(path, &self.target)?;
            self.path = None;
        }
        Ok(())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            // Nobody is there to hear of an error, and the target is not touched by it.
            let _ = fs::remove_file(path);
        }
    }
}

/// The file itself where `path` is a link to it, since a rename would replace the link.
fn resolved(path: &Path) -> io::Result<PathBuf> {
    match fs::canonicalize(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => path::absolute(path),
        resolved => resolved,
    }
}

/// What stands at the target now. A rename would also replace a device or a pipe, which nobody
/// wants who writes to one.
fn replaced(target: &Path) -> io::Result<Option<fs::Metadata>> {
    match fs::metadata(target) {
        Ok(metadata) if metadata.is_file() => Ok(Some(metadata)),
        Ok(_) => {
            Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn new_file_in(folder: &Path) -> io::Result<(fs::File, PathBuf)> {
    loop {
        // Without the target's name, which may already be as long as names can be.
        let path = folder.join(format!(".{:016x}.tmp", fastrand::u64(..)));
        match fs::File::create_new(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
            made => return made.map(|file| (file, path)),
        }
    }
}

/// A new name is an entry of the folder, and survives a power cut once the folder does.
#[cfg(unix)]
pub(super) fn sync_folder_of(target: &Path) -> io::Result<()> {
    fs::File::open(target.parent().ok_or(io::ErrorKind::InvalidInput)?)?.sync_all()
}

/// Windows opens no folder as a file, and writes a rename to its journal by itself.
#[cfg(not(unix))]
pub(super) fn sync_folder_of(_: &Path) -> io::Result<()> {
    Ok(())
}
