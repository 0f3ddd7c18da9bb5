//! A `.differs` file says why the two programs differ, and in which lines.

use crate::transcript::Line;

/// The content of `asyncio/NAME.differs`.
#[derive(Debug, Default)]
pub(crate) struct Differs {
    /// Why the languages differ, as one sentence or more.
    pub(crate) reason: String,
    /// The lines that only one side prints, for each setting; the defaults are an empty setting.
    pub(crate) blocks: Vec<Block>,
}

/// The differences with one setting.
#[derive(Debug, Default)]
pub(crate) struct Block {
    pub(crate) setting: String,
    pub(crate) python: Vec<Line>,
    pub(crate) rust: Vec<Line>,
}

/// Reads a file whose form the parity test has checked.
pub(crate) fn parse(text: &str) -> Differs {
    let mut differs = Differs::default();
    for line in text.lines() {
        if let Some(comment) = line.strip_prefix('#') {
            differs.reason += &format!(" {}", comment.trim());
        } else if let Some(setting) = line.strip_prefix('[') {
            let setting = setting.trim_end_matches(']').to_owned();
            differs.blocks.push(Block { setting, ..Block::default() });
        } else if let Some((side, line)) = line.split_once(' ') {
            if differs.blocks.is_empty() {
                differs.blocks.push(Block::default());
            }
            let block = differs.blocks.last_mut().into_iter();
            let line = Line::parse(line).into_iter();
            block.zip(line).for_each(|(block, line)| match side {
                "-" => block.python.push(line),
                _ => block.rust.push(line),
            });
        }
    }
    let reason = differs.reason.trim();
    differs.reason = reason.strip_prefix("why ").unwrap_or(reason).to_owned();
    differs
}

impl Differs {
    /// The differences in the recorded runs, which have the defaults.
    pub(crate) fn with_defaults(&self) -> Option<&Block> {
        self.blocks.iter().find(|block| block.setting.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_setting_has_the_lines_of_both_sides() {
        let text = "# why a sentinel takes\n# a slot\n- [  0.100s] x\n+ [  0.200s] x\n\n\
                    [permits=1]\n- [  0.300s] y\n";
        let differs = parse(text);
        assert_eq!(differs.reason, "a sentinel takes a slot");
        let default = differs.with_defaults().expect("a block");
        assert_eq!(
            (default.python[0].seconds.as_str(), default.rust.len()),
            ("0.100", 1)
        );
        assert_eq!(differs.blocks[1].setting, "permits=1");
        assert_eq!(differs.blocks[1].python[0].text, "y");
    }
}
