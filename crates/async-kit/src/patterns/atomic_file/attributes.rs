//! A replaced file keeps who may access it, or fewer may access it, but never more.
//!
//! | attribute | the file that replaces it |
//! |---|---|
//! | owner and group | the same if the process may set them, else those of the process |
//! | permissions | the same; without those of the group if the group is not the same |
//! | setuid, setgid and sticky bits | never |
//! | access control list, `user.` extended attributes | the same on Linux, lost elsewhere |
//! | other extended attributes, such as capabilities | never |

use std::{fs, io, path::Path};

/// How to create a file that replaces this one. Only its owner may open it until [`copy`] has set its
/// permissions: a process that opened it earlier could read what is written later.
pub(super) fn of_new_file(replaced: Option<&fs::Metadata>) -> fs::OpenOptions {
    let mut options = fs::File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if let Some(replaced) = replaced {
        use std::os::unix::fs::{MetadataExt, OpenOptionsExt};

        options.mode(replaced.mode() & 0o700);
    }
    #[cfg(not(unix))]
    let _ = replaced;
    options
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
    let same_list = same_group && extended::copy(path, new)?;
    new.set_permissions(fs::Permissions::from_mode(kept(replaced.mode(), same_list)))
}

/// The permissions that are kept. Without the same group and the same list those of the group would be
/// for somebody else.
#[cfg(unix)]
fn kept(mode: u32, same_list: bool) -> u32 {
    mode & if same_list { 0o777 } else { 0o707 }
}

/// Other systems have no permissions except "read only".
#[cfg(not(unix))]
pub(super) fn copy(_: &Path, replaced: &fs::Metadata, new: &fs::File) -> io::Result<()> {
    new.set_permissions(replaced.permissions())
}

#[cfg(target_os = "linux")]
mod extended {
    use std::{fs, io, path::Path};

    use xattr::FileExt;

    const ACCESS_LIST: &str = "system.posix_acl_access";

    /// Copies the `user.` attributes and the access control list. Returns `false` if the new file has
    /// another list than the old one.
    pub(super) fn copy(old: &Path, new: &fs::File) -> io::Result<bool> {
        let names = match xattr::list_deref(old) {
            Ok(names) => names,
            // The file system has no extended attributes, and no lists.
            Err(error) if error.kind() == io::ErrorKind::Unsupported => return Ok(true),
            Err(error) => return Err(error),
        };
        let (mut user, mut list) = (Vec::new(), None);
        for name in names {
            if name.as_encoded_bytes().starts_with(b"user.") {
                user.push(name);
            } else if name == ACCESS_LIST {
                list = xattr::get_deref(old, ACCESS_LIST)?;
            }
        }
        for name in user {
            if let Some(value) = xattr::get_deref(old, &name)? {
                new.set_xattr(name, &value)?;
            }
        }
        Ok(match list {
            Some(list) => new.set_xattr(ACCESS_LIST, &list).is_ok(),
            // The folder may have given the new file a list.
            None => {
                new.get_xattr(ACCESS_LIST)?.is_none()
                    || new.remove_xattr(ACCESS_LIST).is_ok()
            }
        })
    }
}

#[cfg(all(unix, not(target_os = "linux")))]
mod extended {
    use std::{fs, io, path::Path};

    /// The list and the attributes are lost. No permission of the file depends on them.
    pub(super) fn copy(_: &Path, _: &fs::File) -> io::Result<bool> {
        Ok(true)
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn the_permissions_of_a_group_are_for_the_same_group_only() {
        assert_eq!(kept(0o100_664, true), 0o664);
        assert_eq!(kept(0o100_664, false), 0o604);
        assert_eq!(kept(0o106_750, true), 0o750);
    }

    /// No other user can open the file, even before its permissions are set.
    #[test]
    fn a_file_that_replaces_another_is_private_from_its_creation() {
        use std::os::unix::fs::PermissionsExt;

        let folder = tempfile::tempdir().expect("a temporary folder");
        for mode in [0o600, 0o400, 0o640, 0o666] {
            let old = folder.path().join(format!("{mode:o}"));
            fs::write(&old, "").expect("a file");
            fs::set_permissions(&old, fs::Permissions::from_mode(mode)).expect("ours");
            let options = of_new_file(Some(&fs::metadata(&old).expect("it is there")));
            let new = options.open(folder.path().join(format!("{mode:o} new")));
            let new = new.expect("a file").metadata().expect("it is open");
            assert_eq!(new.permissions().mode() & 0o777, mode & 0o700, "for {mode:o}");
        }
    }
}
