//! Two pages never share a file, and no file is outside the folder.
//!
//! Many crawlers replace every special character with `_`, and cut the name at 100 characters. Then
//! `/a-b`, `/a_b` and `/a.b` are one file, and the last page overwrites the others. Here the name
//! contains a hash of the address, and the readable part is only for people.
#![cfg(not(target_family = "wasm"))]

use std::{fs, path::Path};

use async_kit::say;
use crawler::{Address, Store};
use tokio::task::spawn_blocking;

const PAGES: [&str; 4] = [
    "http://h/docs/a-b",
    "http://h/docs/a_b",
    "http://h/docs/a.b",
    "http://h/..%2f..%2f..%2fetc%2fpasswd",
];

/// Saves four pages with similar addresses, in four files.
pub(crate) async fn run() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().to_owned();
    let names = spawn_blocking(move || save_all(&path)).await??;
    for (page, name) in PAGES.iter().zip(&names) {
        say!("{page}\n  {name}");
    }
    say!("{} pages, {} files", PAGES.len(), fs::read_dir(folder.path())?.count());
    Ok(())
}

fn save_all(folder: &Path) -> anyhow::Result<Vec<String>> {
    let store = Store::open(folder)?;
    let save = |page: &&str| {
        let address = Address::parse(page)?;
        Ok(store.save(&address, page.as_bytes())?)
    };
    PAGES.iter().map(save).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use crawler::file_name;

    use super::*;

    #[test]
    fn pages_with_similar_addresses_have_separate_files() {
        let folder = tempfile::tempdir().expect("a folder");
        let names = save_all(folder.path()).expect("files");
        for (page, name) in PAGES.iter().zip(&names) {
            let saved = fs::read_to_string(folder.path().join(name)).expect("its file");
            assert_eq!(saved, *page, "{name}");
        }
    }

    #[test]
    fn two_long_addresses_with_the_same_beginning_have_two_names() {
        let long = |end| format!("http://h/{}{end}", "long/".repeat(100));
        let names: HashSet<_> = ["a", "b"]
            .map(|end| file_name(&Address::parse(&long(end)).expect("an address")))
            .into();
        assert_eq!(names.len(), 2, "{names:?}");
        assert!(names.iter().all(|name| name.len() < 255), "{names:?}");
    }

    #[test]
    fn no_file_is_hidden_or_outside_the_folder() {
        for page in [
            PAGES[3],
            "http://h/%00",
            "http://h/\\..\\x",
            "http://h/.hidden",
            "http://h/CON",
        ] {
            let name = file_name(&Address::parse(page).expect("an address"));
            let safe = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            let stem = name.strip_suffix(".html").expect("an ending");
            assert!(stem.chars().all(safe) && stem.starts_with("h-"), "{page}: {name}");
        }
    }

    #[test]
    fn the_folder_is_created_if_there_is_none() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(save_all(&folder.path().join("not/yet")).is_ok());
    }

    #[test]
    fn saving_over_a_folder_is_an_error() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(folder.path()).expect("a store");
        let address = Address::parse(PAGES[0]).expect("an address");
        // A folder already has the name of the file.
        fs::create_dir(folder.path().join(file_name(&address)))
            .expect("a folder with the name of the file");
        assert!(store.save(&address, b"text").is_err());
    }
}
