//! A temporary file is either renamed to its target or removed.

use std::{
    fs, io,
    path::{self, Path, PathBuf},
};

use super::{attributes, unless::unless};

/// A file in the folder of its target. If this is dropped before the rename, the file is removed.
#[derive(Debug)]
pub(super) struct Temporary {
    /// `None` once it is renamed.
    path: Option<PathBuf>,
    target: PathBuf,
}

impl Temporary {
    /// Creates an empty file in the folder of `path`, because a rename works only within one file
    /// system. If `path` exists, the new file is private.
    pub(super) fn create_beside(path: &Path) -> io::Result<(fs::File, Self)> {
        let target = resolve_link(path)?;
        let replaces = metadata_of_file(&target)?.is_some();
        let folder = target.parent().ok_or(io::ErrorKind::InvalidInput)?;
        let (file, path) = new_file_in(folder, replaces)?;
        Ok((file, Self { path: Some(path), target }))
    }

    /// Gives `file` the attributes that the target has now. They may have changed since the file was
    /// created, and a target that was made private must stay private.
    pub(super) fn copy_attributes(&self, file: &fs::File) -> io::Result<()> {
        match metadata_of_file(&self.target)? {
            Some(replaced) => attributes::copy(&self.target, &replaced, file),
            None => Ok(()),
        }
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
            // `drop` cannot return an error, and an error here does not affect the target.
            let _ = fs::remove_file(path);
        }
    }
}

/// Resolves symbolic links, because a rename would replace the link and not its file.
fn resolve_link(path: &Path) -> io::Result<PathBuf> {
    // `path::absolute` removes a `.` at the end, so `new/.` would become the file `new`.
    let text = path.as_os_str().to_string_lossy();
    let name = text.rsplit(path::is_separator).next();
    if matches!(name, None | Some("" | "." | "..")) {
        let why = "the path does not end with the name of a file";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
    }
    match unless(io::ErrorKind::NotFound, fs::canonicalize(path))? {
        Some(resolved) => Ok(resolved),
        None => path::absolute(path),
    }
}

/// Returns the metadata of the target, if it exists. Refuses a device or a pipe: a rename would
/// replace it, instead of writing to it.
fn metadata_of_file(target: &Path) -> io::Result<Option<fs::Metadata>> {
    match unless(io::ErrorKind::NotFound, fs::metadata(target))? {
        Some(metadata) if !metadata.is_file() => {
            Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"))
        }
        metadata => Ok(metadata),
    }
}

fn new_file_in(folder: &Path, replaces: bool) -> io::Result<(fs::File, PathBuf)> {
    let options = attributes::of_new_file(replaces);
    loop {
        // The name does not contain the target's name, which may already have the maximum length.
        let path = folder.join(format!(".{:016x}.tmp", fastrand::u64(..)));
        match options.open(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
            result => return result.map(|file| (file, path)),
        }
    }
}

/// Makes a rename durable: the new name is an entry of the folder, so the folder must be synced too.
#[cfg(unix)]
pub(super) fn sync_folder_of(target: &Path) -> io::Result<()> {
    fs::File::open(target.parent().ok_or(io::ErrorKind::InvalidInput)?)?.sync_all()
}

/// Windows cannot open a folder as a file, and writes a rename to its journal by itself.
#[cfg(not(unix))]
pub(super) fn sync_folder_of(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The seed makes the first names of both files the same.
    #[test]
    fn a_name_that_exists_already_is_not_used_again() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let new_file = || {
            fastrand::seed(7);
            new_file_in(folder.path(), false).expect("a file").1
        };
        assert_ne!(new_file(), new_file());
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_that_cannot_be_synced_is_an_error() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let error = sync_folder_of(&folder.path().join("no such folder/text"));
        assert_eq!(error.expect_err("no folder").kind(), io::ErrorKind::NotFound);
    }
}
