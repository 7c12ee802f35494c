//! A small keep-alive HTTP/1.1 client. The load generator shares two cores with the server, so every microsecond
//! here is taken from what is measured: requests are ready bytes, and of an answer only the status, the length and
//! `Retry-After` are looked at.

use std::net::SocketAddr;

use anyhow::{Context, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What was answered. The body stays in the connection's buffer until the next exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    body_start: usize,
    body_end: usize,
    close: bool,
}

/// One open connection.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    filled: usize,
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address)
            .await
            .with_context(|| format!("connecting to {address}"))?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: vec![0; 4_096],
            filled: 0,
        })
    }

    /// Sends a whole request and reads the whole answer.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> anyhow::Result<Answer> {
        self.filled = 0;
        self.stream.write_all(request).await?;
        loop {
            if self.filled == self.buffer.len() {
                self.buffer.resize(self.buffer.len() * 2, 0);
            }
            let read = self.stream.read(&mut self.buffer[self.filled..]).await?;
            if read == 0 {
                bail!("the server closed the connection before it had answered");
            }
            self.filled += read;
            if let Some(answer) = parse(&self.buffer[..self.filled])? {
                return Ok(answer);
            }
        }
    }

    /// The body of the last answer.
    pub(crate) fn body(&self, answer: &Answer) -> &[u8] {
        &self.buffer[answer.body_start..answer.body_end]
    }
}

impl Answer {
    /// Whether the server will close the connection.
    pub(crate) fn closes(&self) -> bool {
        self.close
    }
}

/// `None` while bytes are missing.
fn parse(bytes: &[u8]) -> anyhow::Result<Option<Answer>> {
    let Some(head_end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
        return Ok(None);
    };
    let head = std::str::from_utf8(&bytes[..head_end]).context("the answer's head is not text")?;
    let mut lines = head.split("\r\n");
    let status = lines
        .next()
        .and_then(|line| line.split(' ').nth(1))
        .and_then(|code| code.parse().ok());
    let status = status.context("the answer has no status")?;
    let mut length = 0;
    let mut close = false;
    for line in lines {
        let Some((name, value)) = line.split_once(':') else {
            continue;
        };
        if name.eq_ignore_ascii_case("content-length") {
            length = value
                .trim()
                .parse()
                .context("content-length is not a number")?;
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            bail!("the server answers in chunks, which this client does not read");
        } else if name.eq_ignore_ascii_case("connection") {
            close = value.trim().eq_ignore_ascii_case("close");
        }
    }
    let body_start = head_end + 4;
    let body_end = body_start + length;
    Ok((bytes.len() >= body_end).then_some(Answer {
        status,
        body_start,
        body_end,
        close,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_complete_when_its_body_is() {
        let bytes = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 4\r\nConnection: close\r\n\r\nbusy";
        assert_eq!(parse(&bytes[..20]).unwrap(), None, "half a head");
        assert_eq!(
            parse(&bytes[..bytes.len() - 1]).unwrap(),
            None,
            "half a body"
        );
        let answer = parse(bytes).unwrap().unwrap();
        assert_eq!((answer.status, answer.closes()), (503, true));
        assert_eq!(&bytes[answer.body_start..answer.body_end], b"busy");
    }

    #[test]
    fn an_answer_without_a_body_ends_with_its_head() {
        let answer = parse(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
            .unwrap()
            .unwrap();
        assert_eq!((answer.status, answer.closes()), (200, false));
    }

    #[test]
    fn chunks_are_refused_rather_than_misread() {
        assert!(parse(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").is_err());
    }
}
