//! An exercise has answers in four roles, and each is compiled with the tests of the exercise.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::{
    answer::split,
    pack::{Exercise, Pack, read},
};

/// What an answer is for its exercise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// As it is handed out: refused.
    HandedOut,
    /// The solution: passes.
    Solution,
    /// Another right answer: passes.
    Also,
    /// A wrong answer: refused, with its message.
    Wrong,
}

/// One answer to one exercise.
pub(crate) struct Answer<'a> {
    pub(crate) exercise: &'a Exercise,
    pub(crate) role: Role,
    pub(crate) path: PathBuf,
    /// The name of its module in the crate of all answers.
    pub(crate) module: String,
    /// The answer with the tests of its exercise.
    pub(crate) program: String,
}

impl Answer<'_> {
    /// The error with which the compiler must refuse this answer.
    pub(crate) fn compile_error(&self) -> Option<&str> {
        let error = self.exercise.compile_error.as_deref();
        error.filter(|_| self.role == Role::HandedOut)
    }

    pub(crate) fn compiles(&self) -> bool {
        self.compile_error().is_none()
    }
}

/// Every answer to these exercises of a pack.
pub(crate) fn answers<'a>(
    pack: &Pack,
    exercises: &[&'a Exercise],
) -> Result<Vec<Answer<'a>>> {
    let mut answers = Vec::new();
    for exercise in exercises {
        let handed_out = pack.file("exercises", exercise);
        let text = read(&handed_out)?;
        let (_, tests) =
            split(&text).with_context(|| handed_out.display().to_string())?;
        let mut add = |role, path: PathBuf| -> Result<()> {
            let program = match role {
                Role::HandedOut => text.clone(),
                _ => format!("{}\n{tests}", read(&path)?),
            };
            let module = format!("{}_{}", exercise.name, module(role, &path));
            answers.push(Answer { exercise, role, path, module, program });
            Ok(())
        };
        add(Role::HandedOut, handed_out.clone())?;
        add(Role::Solution, pack.file("solutions", exercise))?;
        for path in pack.answers("also", exercise)? {
            add(Role::Also, path)?;
        }
        for path in pack.answers("wrong", exercise)? {
            add(Role::Wrong, path)?;
        }
    }
    Ok(answers)
}

fn module(role: Role, path: &Path) -> String {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy()).unwrap_or_default();
    match role {
        Role::HandedOut => "exercise".to_owned(),
        Role::Solution => "solution".to_owned(),
        Role::Also => format!("also_{stem}"),
        Role::Wrong => format!("wrong_{stem}"),
    }
}
