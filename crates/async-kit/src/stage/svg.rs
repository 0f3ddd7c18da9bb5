//! A recording as an SVG picture, for the book.
