//! A ported program is compared with what asyncio printed, so that a learner needs no Python.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, anyhow, ensure};
use async_kit::parity;

use crate::pack::{Kind, Pack};

const NO_PYTHON: &str = "there is no usable python3";

/// Writes what each asyncio program of the pack prints.
pub(crate) fn write(folder: &Path) -> Result<()> {
    let pack = Pack::read(folder)?;
    let current = current(&pack)?.context(NO_PYTHON)?;
    for (path, text) in &current {
        fs::create_dir_all(path.parent().expect("it is a file of a folder"))?;
        fs::write(path, text)?;
    }
    println!("wrote {} transcripts", current.len());
    Ok(())
}

/// Why the transcripts are not what asyncio prints today, one line each. Without Python it is an error.
pub(crate) fn problems(pack: &Pack) -> Result<Vec<String>> {
    let outdated = outdated(pack)?.context(NO_PYTHON)?;
    let line =
        |path: &PathBuf| format!("{}: outdated: run `just transcripts`", path.display());
    Ok(outdated.iter().map(line).collect())
}

/// The transcripts that are missing, or differ from what asyncio prints today. `None` without Python.
pub(crate) fn outdated(pack: &Pack) -> Result<Option<Vec<PathBuf>>> {
    let Some(mut files) = current(pack)? else { return Ok(None) };
    files.retain(|(path, text)| fs::read_to_string(path).ok().as_ref() != Some(text));
    Ok(Some(files.into_iter().map(|(path, _)| path).collect()))
}

/// The path of each transcript, and what it should contain. `None` without Python.
fn current(pack: &Pack) -> Result<Option<Vec<(PathBuf, String)>>> {
    let ports = pack.exercises.iter().filter(|exercise| exercise.kind == Kind::Port);
    let file = |folder: &str, name: &str, end: &str| {
        pack.folder.join(folder).join(name).with_extension(end)
    };
    let names: Vec<_> = ports.map(|exercise| exercise.name.as_str()).collect();
    let programs: Vec<_> = names.iter().map(|name| file("asyncio", name, "py")).collect();
    let Some(texts) = parity::transcripts(&programs) else { return Ok(None) };
    let texts = texts.map_err(|why| anyhow!(why))?;
    for (program, text) in programs.iter().zip(&texts) {
        ensure!(!text.is_empty(), "{}: it prints nothing", program.display());
    }
    let paths = names.iter().map(|name| file("transcripts", name, "txt"));
    Ok(Some(paths.zip(texts).collect()))
}

#[cfg(test)]
mod tests {
    use tempfile::{TempDir, tempdir};

    use super::*;
    use crate::pack::example;

    /// A pack with one ported program.
    fn port(program: &str) -> (TempDir, Pack) {
        let folder = tempdir().unwrap();
        fs::create_dir(folder.path().join("asyncio")).unwrap();
        fs::write(folder.path().join("asyncio/queues1.py"), program).unwrap();
        let exercises = vec![example("kind = \"port\"")];
        let pack = Pack { folder: folder.path().to_owned(), exercises };
        (folder, pack)
    }

    #[test]
    fn a_transcript_that_is_missing_or_differs_is_outdated() {
        let (folder, pack) = port("print('a')");
        // Without Python a note says that nothing was compared, as in the chapters.
        let Some(missing) = outdated(&pack).unwrap() else { return };
        let path = folder.path().join("transcripts/queues1.txt");
        assert_eq!(missing, [path.as_path()]);
        let (_, text) = current(&pack).unwrap().unwrap().remove(0);
        fs::create_dir(path.parent().unwrap()).unwrap();
        fs::write(&path, &text).unwrap();
        assert_eq!(outdated(&pack).unwrap().unwrap(), [""; 0].map(PathBuf::from));
        fs::write(&path, text + "b").unwrap();
        assert_eq!(outdated(&pack).unwrap().unwrap(), [path]);
    }

    #[test]
    fn a_program_without_a_transcript_is_named() {
        for (program, expected) in [
            ("", "it prints nothing"),
            ("import os; os.write(1, b'a\\n')", "\"a\" was not printed with `print`"),
        ] {
            let (folder, pack) = port(program);
            let why = match current(&pack) {
                Ok(None) => return,
                Ok(Some(_)) => panic!("{program} has a transcript"),
                Err(why) => why.to_string(),
            };
            let path = folder.path().join("asyncio/queues1.py");
            assert_eq!(why, format!("{}: {expected}", path.display()));
        }
    }
}
