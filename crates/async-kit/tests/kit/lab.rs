//! Every route of the lab responds as the list describes it, and its counts are exact.

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
