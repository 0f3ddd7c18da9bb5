//! A program that is right under one order of its tasks is tried under many.
