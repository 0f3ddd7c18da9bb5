//! When a file is replaced, no user gains access to it but that of the process that replaces it.
//!
//! | attribute | the file that replaces it |
//! |---|---|
//! | owner and group | the same if the process may set them, else those of the process |
//! | permissions | the same; fewer if the group or the list is not the same |
//! | setuid, setgid and sticky bits | never |
//! | access control list, readable `user.` attributes | the same on Linux, lost elsewhere |
//! | other extended attributes, such as capabilities | never |

use std::{fs, io, path::Path};

/// How to create a file. If it replaces another, only its owner may open it until [`copy`] has set its
/// permissions: a process that opened it earlier could read what is written later.
pub(super) fn of_new_file(replaces: bool) -> fs::OpenOptions {
    let mut options = fs::File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if replaces {
        use std::os::unix::fs::OpenOptionsExt;

        options.mode(0o600);
    }
    #[cfg(not(unix))]
    let _ = replaces;
    options
}

/// What became of the access control list of the replaced file.
#[cfg(unix)]
#[derive(Clone, Copy)]
#[cfg_attr(
    not(target_os = "linux"),
    allow(dead_code, reason = "lists are read on Linux only")
)]
enum List {
    None,
    Kept,
    Lost,
}

/// Gives `new` the attributes of the file at `path`, whose metadata is `replaced`.
#[cfg(unix)]
pub(super) fn copy(
    path: &Path,
    replaced: &fs::Metadata,
    new: &fs::File,
) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};

    let created = new.metadata()?;
    let (owner, group) = (Some(replaced.uid()), Some(replaced.gid()));
    let same_owner = created.uid() == replaced.uid();
    let mut same_group = created.gid() == replaced.gid();
    if !(same_owner && same_group) {
        // A process without privileges may set the group only, and only to a group of its own.
        same_group =
            fchown(new, owner, group).or_else(|_| fchown(new, None, group)).is_ok()
                || same_group;
    }
    let list = extended::copy(path, new)?;
    let mode = kept(replaced.mode(), same_group, list);
    new.set_permissions(fs::Permissions::from_mode(mode))
}

/// The permissions that are kept. Without the same group, those of the group would be for another one,
/// and members of the old group would get those of others.
#[cfg(unix)]
fn kept(mode: u32, same_group: bool, list: List) -> u32 {
    match (same_group, list) {
        (true, List::None | List::Kept) => mode & 0o777,
        (false, List::None) => (mode & 0o700) | (mode & (mode >> 3) & 0o007),
        // A list may refuse access to some users that all others have.
        (_, List::Lost) | (false, List::Kept) => mode & 0o700,
    }
}

/// Other systems have no permissions except "read only".
#[cfg(not(unix))]
pub(super) fn copy(_: &Path, replaced: &fs::Metadata, new: &fs::File) -> io::Result<()> {
    new.set_permissions(replaced.permissions())
}

#[cfg(target_os = "linux")]
mod extended {
    use std::{ffi::OsStr, fs, io, path::Path};

    use xattr::FileExt;

    use super::{super::unless::unless, List};

    const ACCESS_LIST: &str = "system.posix_acl_access";

    /// Copies the `user.` attributes that the process may read, and the access control list.
    pub(super) fn copy(old: &Path, new: &fs::File) -> io::Result<List> {
        let names = unless(io::ErrorKind::Unsupported, xattr::list_deref(old))?;
        // The file system has no extended attributes, and no lists.
        let Some(names) = names else { return Ok(List::None) };
        let mut list = None;
        for name in names {
            if name == ACCESS_LIST {
                list = xattr::get_deref(old, ACCESS_LIST)?;
            } else if name.as_encoded_bytes().starts_with(b"user.")
                && let Some(value) = readable(old, &name)?
            {
                new.set_xattr(name, &value)?;
            }
        }
        let (same, list_of_same) = match list {
            Some(list) => (new.set_xattr(ACCESS_LIST, &list).is_ok(), List::Kept),
            // The folder may have given the new file a list.
            None => {
                let none = new.get_xattr(ACCESS_LIST)?.is_none()
                    || new.remove_xattr(ACCESS_LIST).is_ok();
                (none, List::None)
            }
        };
        Ok(if same { list_of_same } else { List::Lost })
    }

    /// Replacing a file takes no permission to read it, but reading its attributes does.
    fn readable(old: &Path, name: &OsStr) -> io::Result<Option<Vec<u8>>> {
        let value = unless(io::ErrorKind::PermissionDenied, xattr::get_deref(old, name))?;
        Ok(value.flatten())
    }
}

#[cfg(all(unix, not(target_os = "linux")))]
mod extended {
    use std::{fs, io, path::Path};

    use super::List;

    /// The list and the attributes are lost. No permission of the file depends on them.
    pub(super) fn copy(_: &Path, _: &fs::File) -> io::Result<List> {
        Ok(List::None)
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn without_the_same_group_and_list_no_user_has_more_permissions() {
        assert_eq!(kept(0o106_750, true, List::None), 0o750);
        assert_eq!(kept(0o100_664, true, List::Kept), 0o664);
        assert_eq!(kept(0o100_664, false, List::None), 0o604);
        // The members of the old group are others now, and had no access.
        assert_eq!(kept(0o100_604, false, List::None), 0o600);
        assert_eq!(kept(0o100_757, false, List::None), 0o705);
        assert_eq!(kept(0o100_664, true, List::Lost), 0o600);
        assert_eq!(kept(0o100_664, false, List::Kept), 0o600);
    }

    /// No other user can open the file, even before its permissions are set.
    #[test]
    fn a_file_that_replaces_another_is_private_from_its_creation() {
        use std::os::unix::fs::PermissionsExt;

        let folder = tempfile::tempdir().expect("a temporary folder");
        let new = of_new_file(true).open(folder.path().join("new")).expect("a file");
        let mode = new.metadata().expect("it is open").permissions().mode();
        assert_eq!(mode & 0o777 & !0o600, 0, "{mode:o}");
    }
}
