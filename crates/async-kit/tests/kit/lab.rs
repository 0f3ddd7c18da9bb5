//! The lab answers as it says, and its counts are true.

mod base;
mod big;
mod charges;
mod content;
mod counts;
mod flaky;
mod folder;
mod hostile;
mod lists;
mod refusals;
mod routes;
mod site;
mod support;
mod trouble;
