//! A temporary file is either renamed to its target or removed.

use std::{
    fs, io,
    path::{self, Path, PathBuf},
};

/// A file in the folder of its target. If this is dropped before the rename, the file is removed.
#[derive(Debug)]
pub(super) struct Temporary {
    /// `None` once it is renamed.
    path: Option<PathBuf>,
    target: PathBuf,
}

impl Temporary {
    /// Creates an empty file in the folder of `path`, because a rename works only within one file
    /// system. It gets the permissions of `path`, so that a private file stays private.
    pub(super) fn create_beside(path: &Path) -> io::Result<(fs::File, Self)> {
        let target = resolve_link(path)?;
        let replaced = metadata_of_file(&target)?;
        let folder = target.parent().ok_or(io::ErrorKind::InvalidInput)?;
        let permissions = replaced.map(|replaced| replaced.permissions());
        let (file, path) = new_file_in(folder, permissions.as_ref())?;
        let temporary = Self { path: Some(path), target };
        if let Some(permissions) = permissions {
            // The umask may have removed some of them when the file was created.
            file.set_permissions(permissions)?;
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
            // `drop` cannot return an error, and an error here does not affect the target.
            let _ = fs::remove_file(path);
        }
    }
}

/// Resolves symbolic links, because a rename would replace the link and not its file.
fn resolve_link(path: &Path) -> io::Result<PathBuf> {
    match fs::canonicalize(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => path::absolute(path),
        resolved => resolved,
    }
}

/// Returns the metadata of the target, if it exists. Refuses a device or a pipe: a rename would
/// replace it, instead of writing to it.
fn metadata_of_file(target: &Path) -> io::Result<Option<fs::Metadata>> {
    match fs::metadata(target) {
        Ok(metadata) if metadata.is_file() => Ok(Some(metadata)),
        Ok(_) => {
            Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Creates a file that never has more permissions than these: a process that opened it before they
/// were restricted could read what is written later.
fn new_file_in(
    folder: &Path,
    permissions: Option<&fs::Permissions>,
) -> io::Result<(fs::File, PathBuf)> {
    let options = options_for_new_file(permissions);
    loop {
        // The name does not contain the target's name, which may already have the maximum length.
        let path = folder.join(format!(".{:016x}.tmp", fastrand::u64(..)));
        match options.open(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
            result => return result.map(|file| (file, path)),
        }
    }
}

#[cfg(unix)]
fn options_for_new_file(permissions: Option<&fs::Permissions>) -> fs::OpenOptions {
    use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};

    let mut options = fs::File::options();
    options.write(true).create_new(true);
    if let Some(permissions) = permissions {
        options.mode(permissions.mode() & 0o777);
    }
    options
}

/// Other systems have no permissions that a file is created with.
#[cfg(not(unix))]
fn options_for_new_file(_: Option<&fs::Permissions>) -> fs::OpenOptions {
    let mut options = fs::File::options();
    options.write(true).create_new(true);
    options
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

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// No other user can open the file, even before its permissions are set.
    #[test]
    fn a_file_that_replaces_a_private_one_is_private_from_its_creation() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for private in [0o600, 0o400, 0o640] {
            let private = fs::Permissions::from_mode(private);
            let (file, _) = new_file_in(folder.path(), Some(&private)).expect("a file");
            let mode = file.metadata().expect("it is open").permissions().mode() & 0o777;
            assert_eq!(mode & !private.mode(), 0, "{mode:o} instead of {private:?}");
        }
    }
}
