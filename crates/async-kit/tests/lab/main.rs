//! The lab answers as it says, and its counts are true.

mod base;
mod charges;
mod content;
mod counts;
mod flaky;
mod lists;
mod refusals;
mod routes;
mod site;
mod support;
mod trouble;
