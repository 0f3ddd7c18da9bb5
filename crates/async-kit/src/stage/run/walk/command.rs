//! A line typed at the prompt is one command; the usual words for it are known too.

/// What the reader asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Command {
    Next,
    Again,
    List,
    Explain,
    Quit,
    /// Settings, without spaces around `=`.
    Knobs(String),
    /// Probably the name of a section.
    Section(String),
}

impl Command {
    pub(super) fn read(line: &str) -> Self {
        let line = line.trim();
        match line.to_lowercase().as_str() {
            "" | "n" | "next" => Self::Next,
            "r" | "again" => Self::Again,
            "l" | "list" => Self::List,
            "?" | "h" | "help" => Self::Explain,
            "q" | ":q" | "quit" | "exit" => Self::Quit,
            _ if line.contains('=') => {
                let parts: Vec<_> = line.split('=').map(str::trim).collect();
                Self::Knobs(parts.join("="))
            }
            _ => Self::Section(line.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_words_are_commands_in_upper_case_too() {
        for (typed, command) in [
            ("", Command::Next),
            ("next", Command::Next),
            ("R", Command::Again),
            ("list", Command::List),
            ("help", Command::Explain),
            ("quit", Command::Quit),
            ("Exit ", Command::Quit),
            (":q", Command::Quit),
        ] {
            assert_eq!(Command::read(typed), command, "{typed:?}");
        }
    }

    #[test]
    fn spaces_around_the_equals_sign_are_no_part_of_a_setting() {
        for typed in
            ["capacity=3 using=5ms", " capacity = 3  using =5ms", "capacity= 3 using=5ms"]
        {
            let Command::Knobs(knobs) = Command::read(typed) else { panic!("{typed:?}") };
            let knobs: Vec<_> = knobs.split_whitespace().collect();
            assert_eq!(knobs, ["capacity=3", "using=5ms"], "{typed:?}");
        }
    }

    #[test]
    fn another_word_names_a_section_as_it_was_typed() {
        assert_eq!(Command::read(" Bounded\n"), Command::Section("Bounded".to_owned()));
    }
}
