//! Lambda's Runtime API over one connection that stays open.

use std::io::{self, Read, Write};
use std::net::TcpStream;

/// The connection, and what was read last.
pub(crate) struct RuntimeApi {
    host: String,
    stream: TcpStream,
    read: Vec<u8>,
    sent: Vec<u8>,
}

/// An event.
pub(crate) struct Event<'a> {
    /// Its request's id.
    pub(crate) id: &'a str,
    /// Its JSON.
    pub(crate) body: &'a [u8],
}

/// Where a message's parts are in what was read.
struct Message {
    head: usize,
    end: usize,
}

impl RuntimeApi {
    pub(crate) fn connect(host: &str) -> io::Result<Self> {
        let stream = TcpStream::connect(host)?;
        stream.set_nodelay(true)?;
        Ok(Self { host: host.to_owned(), stream, read: vec![0; 16 * 1024], sent: Vec::with_capacity(4096) })
    }

    /// Waits for the next event.
    pub(crate) fn next(&mut self) -> io::Result<Event<'_>> {
        self.sent.clear();
        write!(self.sent, "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nhost: {}\r\n\r\n", self.host)?;
        let message = self.exchange()?;
        let (head, body) = self
            .read
            .get(..message.end)
            .and_then(|read| read.split_at_checked(message.head))
            .ok_or_else(bad)?;
        let id = header(head, "lambda-runtime-aws-request-id").ok_or_else(bad)?;
        Ok(Event { id, body })
    }

    /// Hands the answer in.
    pub(crate) fn respond(&mut self, id: &str, answer: &[u8]) -> io::Result<()> {
        self.sent.clear();
        write!(
            self.sent,
            "POST /2018-06-01/runtime/invocation/{id}/response HTTP/1.1\r\nhost: {}\r\ncontent-length: {}\r\n\r\n",
            self.host,
            answer.len()
        )?;
        self.sent.extend_from_slice(answer);
        self.exchange().map(|_| ())
    }

    /// Sends, and reads one whole message.
    fn exchange(&mut self) -> io::Result<Message> {
        self.stream.write_all(&self.sent)?;
        let mut filled = 0;
        loop {
            if filled == self.read.len() {
                self.read.resize(filled * 2, 0);
            }
            let count = self.stream.read(self.read.get_mut(filled..).unwrap_or_default())?;
            if count == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            filled += count;
            if let Some(message) = Message::of(self.read.get(..filled).unwrap_or_default())? {
                return Ok(message);
            }
        }
    }
}

impl Message {
    /// None if there is more to come.
    fn of(read: &[u8]) -> io::Result<Option<Self>> {
        let Some(blank) = read.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
        let head = blank + 4;
        let length = match header(read.get(..head).unwrap_or_default(), "content-length") {
            Some(length) => length.parse().map_err(|_| bad())?,
            None => 0_usize,
        };
        let end = head.checked_add(length).ok_or_else(bad)?;
        Ok((read.len() >= end).then_some(Self { head, end }))
    }
}

fn header<'a>(head: &'a [u8], name: &str) -> Option<&'a str> {
    let lines = std::str::from_utf8(head).ok()?.split("\r\n");
    let mut fields = lines.filter_map(|line| line.split_once(':'));
    fields.find(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

fn bad() -> io::Error {
    io::ErrorKind::InvalidData.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_ends_where_its_length_says() {
        let read = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
        let message = Message::of(read).unwrap().unwrap();
        assert_eq!(&read[message.head..message.end], b"{}");
        for end in 0..read.len() {
            assert!(Message::of(&read[..end]).unwrap().is_none(), "{end}");
        }
        let accepted = b"HTTP/1.1 202 Accepted\r\n\r\n";
        assert_eq!(Message::of(accepted).unwrap().unwrap().end, accepted.len());
        assert!(Message::of(b"HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n").is_err());
    }
}
