//! The checks are right about an answer if they refuse or pass it as its role demands.

use anyhow::Result;

use crate::{
    answer::Wrong,
    answers::{Answer, Role},
    test_process::Run,
};

/// Why the checks are wrong about this answer, if they are.
pub(crate) fn problem(answer: &Answer<'_>, run: Result<Run>) -> Option<String> {
    let run = match run {
        Ok(run) => run,
        Err(error) => return Some(format!("{error:#}")),
    };
    match (answer.role, run.passed) {
        (Role::Solution | Role::Also, true) | (Role::HandedOut, false) => None,
        (Role::Solution | Role::Also, false) => {
            Some(format!("refused, and it is right:\n{}", run.output))
        }
        (Role::HandedOut, true) => Some("passes as it is handed out".to_owned()),
        (Role::Wrong, true) => Some("passes, and it is wrong".to_owned()),
        (Role::Wrong, false) => match Wrong::of(&answer.program) {
            Err(error) => Some(format!("{error:#}")),
            Ok(wrong) if wrong.is_explained_by(&run.output) => None,
            Ok(wrong) => Some(format!(
                "refused without the message {:?}:\n{}",
                wrong.message, run.output
            )),
        },
    }
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;
    use crate::pack::example;

    fn checked(role: Role, passed: bool, output: &str) -> Option<String> {
        let answer = Answer {
            exercise: &example("name = \"queues1\""),
            role,
            path: "a.rs".into(),
            module: "a".to_owned(),
            program: "//! It waits.\n//! message: too long\nfn main() {}".to_owned(),
        };
        problem(&answer, Ok(Run { passed, output: output.to_owned() }))
    }

    #[test]
    fn a_right_answer_must_pass() {
        for role in [Role::Solution, Role::Also] {
            assert_eq!(checked(role, true, "ok"), None);
            let why = checked(role, false, "too long");
            assert_eq!(why.unwrap(), "refused, and it is right:\ntoo long");
        }
    }

    #[test]
    fn a_wrong_answer_must_be_refused_with_its_message() {
        assert_eq!(checked(Role::Wrong, false, "it took too\nlong"), None);
        let why = checked(Role::Wrong, true, "ok");
        assert_eq!(why.unwrap(), "passes, and it is wrong");
        let why = checked(Role::Wrong, false, "too short");
        let expected = "refused without the message \"too long\":\ntoo short";
        assert_eq!(why.unwrap(), expected);
    }

    #[test]
    fn an_exercise_must_be_refused_as_it_is_handed_out() {
        assert_eq!(checked(Role::HandedOut, false, "whatever"), None);
        let why = checked(Role::HandedOut, true, "ok");
        assert_eq!(why.unwrap(), "passes as it is handed out");
    }

    #[test]
    fn an_answer_that_does_not_end_is_never_right() {
        let exercise = example("name = \"queues1\"");
        for role in [Role::HandedOut, Role::Solution, Role::Also, Role::Wrong] {
            let answer = Answer {
                exercise: &exercise,
                role,
                path: "a.rs".into(),
                module: "a".to_owned(),
                program: String::new(),
            };
            let why = problem(&answer, Err(anyhow!("it has not ended")));
            assert_eq!(why.unwrap(), "it has not ended");
        }
    }
}
