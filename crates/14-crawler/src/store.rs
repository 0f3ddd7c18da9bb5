//! Each page has its own file, which is complete or absent, and never outside the folder.
//!
//! If a name is only the shortened address with `_` for every special character, several pages
//! share it, and the last one overwrites the others. Here the name also contains a hash.
#![cfg(not(target_family = "wasm"))]

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::{Address, address::normalise_escapes};

/// Arbitrary: enough to recognise a page, and far below the limit of 255 bytes for a file name.
const MAX_SLUG_BYTES: usize = 60;

/// A folder of pages.
#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
}

impl Store {
    /// Creates the folder if there is none, and checks that files can be written there.
    ///
    /// # Errors
    ///
    /// The error of the first step that fails.
    pub fn open(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let probe = folder.join(".probe.part");
        fs::write(&probe, "")?;
        fs::remove_file(&probe)?;
        Ok(Self { folder: folder.to_owned() })
    }

    // ANCHOR: save
    /// Writes a page to its file, and returns the file's name. It blocks: call it on a thread
    /// that may block.
    ///
    /// The page is written under a temporary name and then renamed, so a reader sees the complete
    /// page or none. This holds if the process is killed, but not if the power fails.
    ///
    /// # Errors
    ///
    /// The error of the first step that fails. Then no temporary file is left.
    pub fn save(&self, address: &Address, body: &[u8]) -> io::Result<String> {
        let name = file_name(address);
        let part = self.folder.join(format!(".{name}.part"));
        let saved = fs::write(&part, body)
            .and_then(|()| fs::rename(&part, self.folder.join(&name)));
        if saved.is_err() {
            // The first error says more than one of the removal.
            let _ = fs::remove_file(&part);
        }
        saved.map(|()| name)
    }
    // ANCHOR_END: save
}

// ANCHOR: file_name
/// A file name that a person recognises, and that no other page has: `docs-b-html-1f0c….html`.
#[must_use]
pub fn file_name(address: &Address) -> String {
    // A page has one file, however a link spells its address.
    let path = normalise_escapes(address.url().path());
    let host = address.url().host_str().unwrap_or_default();
    let mut slug = String::new();
    for c in host.chars().chain(path.chars()) {
        match c {
            'a'..='z' | '0'..='9' => slug.push(c),
            'A'..='Z' => slug.push(c.to_ascii_lowercase()),
            _ if slug.ends_with('-') => {}
            _ => slug.push('-'),
        }
    }
    slug.truncate(MAX_SLUG_BYTES);
    format!("{}-{:x}.html", slug.trim_matches('-'), address.id())
}
// ANCHOR_END: file_name

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn a_reader_during_a_second_save_reads_the_complete_old_page() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(folder.path()).expect("a store");
        let address = Address::parse("http://h/").expect("an address");
        let name = store.save(&address, b"the old page").expect("a file");
        let mut reader = fs::File::open(folder.path().join(name)).expect("the file");
        store.save(&address, b"new").expect("the same file");
        let mut read = String::new();
        reader.read_to_string(&mut read).expect("text");
        assert_eq!(read, "the old page");
        let names = fs::read_dir(folder.path()).expect("a folder").count();
        assert_eq!(names, 1, "no other file is left");
    }
}
