//! An event, once set, lets every present and every later waiter proceed.
