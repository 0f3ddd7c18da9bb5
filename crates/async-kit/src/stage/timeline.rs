//! A recording as text: a row per lane, as wide as the terminal.
