//! A paginator is a stream that ends at the first empty page and never yields it.
