//! A ported program is compared with what asyncio printed, so that a learner needs no Python.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, anyhow, ensure};
use async_kit::parity;

use crate::pack::{Kind, Pack, read};

/// Writes what each asyncio program of the pack prints.
pub(crate) fn write(folder: &Path) -> Result<()> {
    let pack = Pack::read(folder)?;
    let current = current(&pack)?.context("there is no usable python3")?;
    for (path, text) in &current {
        fs::create_dir_all(path.parent().expect("it is a file of a folder"))?;
        fs::write(path, text)?;
    }
    println!("wrote {} transcripts", current.len());
    Ok(())
}

/// The transcripts that differ from what asyncio prints today. `None` without Python.
pub(crate) fn outdated(pack: &Pack) -> Result<Option<Vec<PathBuf>>> {
    let Some(current) = current(pack)? else { return Ok(None) };
    let mut outdated = Vec::new();
    for (path, text) in current {
        if read(&path)? != text {
            outdated.push(path);
        }
    }
    Ok(Some(outdated))
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
    ensure!(texts.iter().all(|text| !text.is_empty()), "a program prints nothing");
    let paths = names.iter().map(|name| file("transcripts", name, "txt"));
    Ok(Some(paths.zip(texts).collect()))
}
