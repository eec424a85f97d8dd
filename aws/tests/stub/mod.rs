//! A server that answers HTTP requests as a test specifies, and records them.
#![allow(dead_code, reason = "not every test that has it looks at everything")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A request that was received.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// Method, path and query.
    pub(crate) line: String,
    /// Headers as they came, names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    /// The body.
    pub(crate) body: String,
}

/// A status and a body.
pub(crate) type Answer = (u16, String);

/// The server. It answers until the process ends.
pub(crate) struct Stub {
    /// Its URL, without a trailing slash.
    pub(crate) url: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Request {
    /// Returns the value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }

    fn receive(stream: &TcpStream) -> Option<Self> {
        let mut reader = BufReader::new(stream);
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok().filter(|length| *length > 0)?;
            match line.trim_end() {
                "" => break,
                line => lines.push(line.to_owned()),
            }
        }
        let headers: Vec<(String, String)> = lines[1..]
            .iter()
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        let length = headers.iter().find(|(name, _)| name == "content-length");
        let mut body = vec![0; length.map_or(0, |(_, length)| length.parse().expect("a length"))];
        reader.read_exact(&mut body).ok()?;
        let line = lines[0].trim_end_matches(" HTTP/1.1").to_owned();
        Some(Self { line, headers, body: String::from_utf8(body).expect("text") })
    }
}

impl Stub {
    /// Starts a server that answers each request with what `answer` makes of it.
    pub(crate) fn start(answer: impl Fn(&Request) -> Answer + Send + 'static) -> Self {
        Self::with_header("server: stub", answer)
    }

    /// Starts the same server, with this header in each answer.
    pub(crate) fn with_header(
        header: &'static str,
        answer: impl Fn(&Request) -> Answer + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                if let Some(request) = Request::receive(&stream) {
                    let (status, body) = answer(&request);
                    seen.lock().expect("no test panics with it").push(request);
                    let length = body.len();
                    // The client may be gone: some tests give up waiting.
                    let _gone = write!(
                        stream,
                        "HTTP/1.1 {status} -\r\nconnection: close\r\n{header}\r\ncontent-length: {length}\r\n\r\n{body}"
                    );
                }
            }
        });
        Self { url, requests }
    }

    /// Returns the requests received so far, in order.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().expect("no test panics with it").clone()
    }
}
