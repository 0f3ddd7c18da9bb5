//! A body is read up to a limit: of its own bytes, not of those that were sent.

use std::{
    io::{self, Write},
    mem,
};

use flate2::write::MultiGzDecoder;
use reqwest::{
    Response,
    header::{CONTENT_ENCODING, HeaderMap},
};

use super::{content::ContentType, failure};
use crate::{
    Address,
    failure::Failure,
    parse::{Parsed, parse_decoded},
};

/// The body of a response, up to a limit.
#[derive(Debug)]
pub(crate) struct Body {
    pub(crate) bytes: Vec<u8>,
    content_type: ContentType,
    /// Whether the body is longer than the limit.
    pub(super) truncated: bool,
}

impl Body {
    // ANCHOR: body
    /// Reads at most `limit` bytes. A server may announce a wrong length or none, and a few bytes of
    /// gzip can become millions, so what arrives is counted.
    pub(super) async fn read(
        mut response: Response,
        limit: usize,
    ) -> Result<Self, Failure> {
        let content_type = ContentType::of(response.headers());
        let mut body = Decoder::new(response.headers(), limit)?;
        while !body.is_full()
            && let Some(chunk) = response.chunk().await.map_err(failure)?
        {
            body.push(&chunk)?;
        }
        let Bounded { bytes, truncated, .. } = body.finish()?;
        Ok(Self { bytes, content_type, truncated })
    }
    // ANCHOR_END: body

    /// Parses the page. It takes processor time: call it on a thread that may block.
    pub(crate) fn parse(&self, address: &Address) -> Parsed {
        let (text, encoding) = self.content_type.decode(&self.bytes);
        parse_decoded(address, &text, encoding, self.content_type.is_xhtml())
    }
}

/// Undoes the content encoding of a body. A server may use one that the client did not ask for.
enum Decoder {
    Identity(Bounded),
    Gzip { decoder: Box<MultiGzDecoder<Bounded>>, is_empty: bool },
}

impl Decoder {
    fn new(headers: &HeaderMap, limit: usize) -> Result<Self, Failure> {
        let body = Bounded { limit, ..Bounded::default() };
        let encodings = headers.get_all(CONTENT_ENCODING).iter();
        let encodings = encodings.map(|value| String::from_utf8_lossy(value.as_bytes()));
        let encodings = encodings.collect::<Vec<_>>().join(",").to_ascii_lowercase();
        match encodings.trim() {
            "" | "identity" => Ok(Self::Identity(body)),
            "gzip" | "x-gzip" => {
                let decoder = Box::new(MultiGzDecoder::new(body));
                Ok(Self::Gzip { decoder, is_empty: true })
            }
            other => Err(Failure::Invalid(format!("its content encoding is {other}"))),
        }
    }

    fn body(&mut self) -> &mut Bounded {
        match self {
            Self::Identity(body) => body,
            Self::Gzip { decoder, .. } => decoder.get_mut(),
        }
    }

    fn is_full(&mut self) -> bool {
        self.body().truncated
    }

    fn push(&mut self, chunk: &[u8]) -> Result<(), Failure> {
        let pushed = match self {
            Self::Identity(body) => body.write_all(chunk),
            Self::Gzip { decoder, is_empty } => {
                *is_empty &= chunk.is_empty();
                decoder.write_all(chunk)
            }
        };
        self.unless_full(pushed)
    }

    fn finish(mut self) -> Result<Bounded, Failure> {
        let finished = match &mut self {
            // Some servers send nothing and call it gzip, which has at least a header.
            Self::Gzip { is_empty: true, .. } | Self::Identity(_) => Ok(()),
            Self::Gzip { decoder, .. } => decoder.try_finish(),
        };
        self.unless_full(finished)?;
        Ok(mem::take(self.body()))
    }

    /// A body that is too long is not wrong.
    fn unless_full(&mut self, result: io::Result<()>) -> Result<(), Failure> {
        match result {
            Err(error) if !self.is_full() => {
                Err(Failure::Invalid(format!("it is not gzip: {error}")))
            }
            _ => Ok(()),
        }
    }
}

/// Fails when there is more to write than `limit`, so that a decoder stops there.
#[derive(Default)]
struct Bounded {
    bytes: Vec<u8>,
    limit: usize,
    truncated: bool,
}

impl Write for Bounded {
    fn write(&mut self, more: &[u8]) -> io::Result<usize> {
        let fitting = more.len().min(self.limit - self.bytes.len());
        self.bytes.extend_from_slice(&more[..fitting]);
        if fitting == 0 && !more.is_empty() {
            self.truncated = true;
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(fitting)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
