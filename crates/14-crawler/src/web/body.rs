//! A body is read up to a limit: of its own bytes, not of those that were sent.

use std::{
    io::{self, Write},
    mem,
};

use flate2::write::GzDecoder;
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
    Gzip(Box<Gzip>),
}

impl Decoder {
    fn new(headers: &HeaderMap, limit: usize) -> Result<Self, Failure> {
        let body = Bounded { limit, ..Bounded::default() };
        let encodings = headers.get_all(CONTENT_ENCODING).iter();
        let encodings = encodings.map(|value| String::from_utf8_lossy(value.as_bytes()));
        let encodings = encodings.collect::<Vec<_>>().join(",").to_ascii_lowercase();
        let names = encodings.split(',').map(str::trim);
        let names: Vec<_> =
            names.filter(|name| !["", "identity"].contains(name)).collect();
        match names[..] {
            [] => Ok(Self::Identity(body)),
            ["gzip" | "x-gzip"] => Ok(Self::Gzip(Box::new(Gzip::new(body)))),
            _ => Err(Failure::Invalid(format!("its content encoding is {encodings}"))),
        }
    }

    fn body(&mut self) -> &mut Bounded {
        match self {
            Self::Identity(body) => body,
            Self::Gzip(gzip) => gzip.member.get_mut(),
        }
    }

    fn is_full(&mut self) -> bool {
        self.body().truncated
    }

    fn push(&mut self, chunk: &[u8]) -> Result<(), Failure> {
        let pushed = match self {
            Self::Identity(body) => body.write_all(chunk),
            Self::Gzip(gzip) => gzip.push(chunk),
        };
        self.unless_full(pushed)
    }

    fn finish(mut self) -> Result<Bounded, Failure> {
        let finished = match &mut self {
            Self::Identity(_) => Ok(()),
            Self::Gzip(gzip) => gzip.finish(),
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

/// A gzip file has one or more members. Like browsers, this ignores what follows a member and is none:
/// some servers fill it up with zeros.
struct Gzip {
    member: GzDecoder<Bounded>,
    is_first: bool,
    /// Whether no byte of this member has arrived.
    is_empty: bool,
    /// Whether the rest is no gzip.
    is_over: bool,
}

impl Gzip {
    fn new(body: Bounded) -> Self {
        let member = GzDecoder::new(body);
        Self { member, is_first: true, is_empty: true, is_over: false }
    }

    fn push(&mut self, mut chunk: &[u8]) -> io::Result<()> {
        while !chunk.is_empty() && !self.is_over {
            let written = self.member.write(chunk);
            match self.unless_extra(written)? {
                _ if self.is_over => {}
                0 => self.next_member()?,
                n => {
                    self.is_empty = false;
                    chunk = &chunk[n..];
                }
            }
        }
        Ok(())
    }

    fn next_member(&mut self) -> io::Result<()> {
        self.member.try_finish()?;
        let body = mem::take(self.member.get_mut());
        *self = Self { is_first: false, ..Self::new(body) };
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        // Some servers send nothing and call it gzip, which has at least a header.
        if self.is_empty || self.is_over {
            return Ok(());
        }
        let finished = self.member.try_finish();
        self.unless_extra(finished)
    }

    /// Without a complete header, what follows a member is no member.
    fn unless_extra<T: Default>(&mut self, result: io::Result<T>) -> io::Result<T> {
        if result.is_err() && !self.is_first && self.member.header().is_none() {
            self.is_over = true;
            return Ok(T::default());
        }
        result
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
