//! All answers of a pack are compiled as the modules of one crate: one binary instead of hundreds.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};

use crate::{
    cargo::Build,
    pack::{Pack, entries, read},
};

/// The folder of the modules, as deep below the crate as an exercise is below its pack: an
/// `include_str!` finds the same file.
const MODULES: &str = "modules";

/// What the tests of ported programs include.
const TRANSCRIPTS: &str = "transcripts";

/// A crate with a module for each answer, and the tests of the exercise in each module.
pub(crate) struct Crate {
    folder: PathBuf,
    modules: Vec<String>,
}

impl Crate {
    /// An empty crate in a folder of this name, which depends on what the pack depends on.
    pub(crate) fn new(pack: &Pack, name: &str) -> Result<Self> {
        let folder = pack.folder.join("target").join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(folder.join("src").join(MODULES))?;
        fs::write(folder.join("Cargo.toml"), manifest(pack)?)?;
        fs::copy(pack.folder.join("Cargo.lock"), folder.join("Cargo.lock"))?;
        copy_files(&pack.folder.join(TRANSCRIPTS), &folder.join(TRANSCRIPTS))?;
        Ok(Self { folder, modules: Vec::new() })
    }

    /// Adds a module with this program.
    pub(crate) fn add(&mut self, module: &str, program: &str) -> Result<()> {
        fs::write(
            self.folder.join("src").join(MODULES).join(format!("{module}.rs")),
            program,
        )?;
        self.modules.push(module.to_owned());
        Ok(())
    }

    /// Compiles the crate, and returns its test binary.
    pub(crate) fn compile(&self) -> Result<PathBuf> {
        // An answer has a `main` that no test calls, and a wrong one may leave things unused.
        let build = self.build("warnings", &["test", "--lib", "--no-run"], &[])?;
        ensure!(
            build.success,
            "an answer does not compile: {}\n{}",
            self.folder.display(),
            build.text
        );
        let mut executables = build.messages.into_iter().filter_map(|it| it.executable);
        executables.next_back().context("cargo named no test binary")
    }

    /// Checks that clippy has no warning about the answers with their tests, as a learner sees them.
    pub(crate) fn lint(&self) -> Result<()> {
        // The profile and not `--tests`, as rustlings does it.
        let clippy = ["clippy", "--lib", "--profile=test"];
        let build = self.build("dead_code", &clippy, &["--", "--deny=warnings"])?;
        ensure!(
            build.success,
            "clippy warns about an answer with its tests: {}\n{}",
            self.folder.display(),
            build.text
        );
        Ok(())
    }

    /// Writes the list of the modules, which allows these lints, and runs Cargo.
    fn build(&self, allowed: &str, command: &[&str], rest: &[&str]) -> Result<Build> {
        let modules = self.modules.iter().map(|module| {
            format!("#[path = \"{MODULES}/{module}.rs\"]\nmod {module};\n")
        });
        let root = format!("#![allow({allowed})]\n{}", modules.collect::<String>());
        fs::write(self.folder.join("src").join("lib.rs"), root)?;
        // The folder of the pack, whose dependencies are built there already.
        let target = self.folder.parent().expect("it is in `target`");
        let target = target.to_str().context("a path that is not UTF-8")?;
        let options = [
            "--quiet",
            "--message-format=json-render-diagnostics",
            "--target-dir",
            target,
        ];
        Build::run(&self.folder, &[command, &options, rest].concat())
    }
}

/// Copies the files of a folder, if it exists.
fn copy_files(from: &Path, to: &Path) -> Result<()> {
    if from.is_dir() {
        fs::create_dir_all(to)?;
        for path in entries(from)? {
            fs::copy(&path, to.join(path.file_name().unwrap_or_default()))?;
        }
    }
    Ok(())
}

/// The manifest of the pack, without its binaries and under another name.
fn manifest(pack: &Pack) -> Result<String> {
    let text = read(&pack.folder.join("Cargo.toml"))?;
    let mut manifest: toml::Table =
        toml::from_str(&text).context("Cargo.toml of the pack")?;
    manifest.remove("bin");
    let package = manifest.get_mut("package").and_then(toml::Value::as_table_mut);
    package.context("Cargo.toml of the pack")?.insert("name".into(), "answers".into());
    if let Some(dependencies) =
        manifest.get_mut("dependencies").and_then(|it| it.as_table_mut())
    {
        for dependency in dependencies.iter_mut().filter_map(|(_, it)| it.as_table_mut())
        {
            if let Some(toml::Value::String(path)) = dependency.get_mut("path") {
                *path = absolute(&pack.folder, path)?;
            }
        }
    }
    Ok(toml::to_string(&manifest)?)
}

fn absolute(folder: &Path, path: &str) -> Result<String> {
    let path = folder.join(path).canonicalize().with_context(|| path.to_owned())?;
    path.into_os_string().into_string().ok().context("a path that is not UTF-8")
}
