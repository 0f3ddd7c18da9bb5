//! Each file beside the exercises belongs to one of them.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::pack::{Kind, Pack, entries};

/// What belongs to no exercise of the pack: a misspelt or forgotten folder of answers, asyncio program
/// or transcript, which nothing would read. `rustlings` itself reports such exercises and solutions.
pub(crate) fn orphans(pack: &Pack) -> Result<Vec<PathBuf>> {
    let all = || pack.exercises.iter();
    let folders: Vec<_> = all().map(|it| it.name.clone()).collect();
    let ports = all().filter(|it| it.kind == Kind::Port);
    let files = |end| ports.clone().map(|it| format!("{}.{end}", it.name)).collect();
    let mut orphans = Vec::new();
    for (folder, known) in [
        ("also", folders.clone()),
        ("asyncio", files("py")),
        ("transcripts", files("txt")),
        ("wrong", folders),
    ] {
        let folder = pack.folder.join(folder);
        let has = |path: &Path| {
            path.file_name().is_some_and(|name| known.iter().any(|it| **it == *name))
        };
        if folder.is_dir() {
            orphans.extend(entries(&folder)?.into_iter().filter(|path| !has(path)));
        }
    }
    Ok(orphans)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::tempdir;

    use super::*;
    use crate::pack::example;

    #[test]
    fn a_file_that_belongs_to_no_exercise_is_an_orphan() {
        let folder = tempdir().unwrap();
        let port = example("name = \"queues2\"\nkind = \"port\"");
        let exercises = vec![example("name = \"queues1\""), port];
        let pack = Pack { folder: folder.path().to_owned(), exercises };
        assert_eq!(orphans(&pack).unwrap(), [""; 0].map(PathBuf::from));

        let own = ["wrong/queues1/a.rs", "also/queues2/a.rs", "asyncio/queues2.py"];
        let lost = [
            "also/queues3/a.rs",
            // Only a ported program has these.
            "asyncio/queues1.py",
            "transcripts/queues2.py",
            "wrong/queues/a.rs",
            "wrong/queues1.rs",
        ];
        for file in own.iter().chain(&lost) {
            let path = pack.folder.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        // A folder is one orphan, with all that lies in it.
        let lost = lost.map(|file| pack.folder.join(file.trim_end_matches("/a.rs")));
        assert_eq!(orphans(&pack).unwrap(), lost);
    }
}
