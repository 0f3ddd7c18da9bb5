//! An error about a location names what is wrong, and never repeats an address.

/// A location is not valid. No variant repeats an address, which may hold a password.
#[derive(Debug, thiserror::Error)]
pub enum LocationError {
    /// A variable of the environment is not UTF-8.
    #[error("{0} is not UTF-8")]
    NotUtf8(&'static str),
    /// A variable of the environment is not an address.
    #[error(
        "{name} is not a valid address: write it as {begins}USER:PASSWORD@HOST:PORT, of which only the host \
         is required, or unset it"
    )]
    Address {
        /// The name of the variable.
        name: &'static str,
        /// How an address begins.
        begins: &'static str,
    },
    /// A location on a server needs an address.
    #[error("{name} is not set, and --form {form} needs it: {name}={begins}HOST")]
    NoAddress {
        /// The name of the variable.
        name: &'static str,
        /// The value of `--form`.
        form: &'static str,
        /// How an address begins.
        begins: &'static str,
    },
    /// The arguments name no location.
    #[error("{0}")]
    Arguments(String),
    /// There is no temporary folder.
    #[error("cannot create a temporary folder: {0}")]
    Folder(std::io::Error),
}
