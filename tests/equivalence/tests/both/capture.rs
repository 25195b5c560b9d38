//! A listener on 127.0.0.1 that keeps every request as it came, and the reading of those bytes.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use percent_encoding::percent_decode_str;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What was put on the wire.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Captured {
    /// The bytes of the request line, its end included.
    pub(crate) line: usize,
    pub(crate) method: String,
    /// The path, escaped as it came.
    pub(crate) path: String,
    /// Names and values of the query, escaped as they came, sorted: Asterisk looks them up by name.
    pub(crate) query: Vec<(String, String)>,
    pub(crate) content_type: Option<String>,
    /// The body. Two JSON texts are the same if they say the same.
    pub(crate) body: Option<Value>,
}

impl Captured {
    /// Reads one request with its body.
    pub(crate) fn parse(head: &str, body: &[u8]) -> Self {
        let mut lines = head.lines();
        let line = lines.next().unwrap();
        let [method, target, "HTTP/1.1"] = line.split(' ').collect::<Vec<_>>()[..] else {
            panic!("not a request line: {line}")
        };
        let bare = |letter: char| letter.is_ascii_alphanumeric() || "-._~%/?&=".contains(letter);
        assert!(target.chars().all(bare), "not escaped: {target}");
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        let mut query: Vec<_> = pairs
            .map(|pair| pair.split_once('=').unwrap_or_else(|| panic!("no value: {pair}")))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        query.sort();
        Self {
            line: line.len() + "\r\n".len(),
            method: method.to_owned(),
            path: path.to_owned(),
            query,
            content_type: header(head, "content-type").map(str::to_owned),
            body: (!body.is_empty()).then(|| serde_json::from_slice(body).unwrap()),
        }
    }

    /// The parts of the path below `/ari`, unescaped.
    pub(crate) fn segments(&self) -> Vec<String> {
        let below = self.path.strip_prefix("/ari/").unwrap();
        below.split('/').map(unescape).collect()
    }
}

pub(crate) fn unescape(text: &str) -> String {
    percent_decode_str(text).decode_utf8().unwrap().into_owned()
}

fn header<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    let fields = head.lines().skip(1).filter_map(|line| line.split_once(':'));
    fields
        .filter(|(known, _)| known.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim())
        .next()
}

/// The listener.
pub(crate) struct Capture {
    pub(crate) url: String,
    requests: Arc<Mutex<VecDeque<Captured>>>,
}

impl Capture {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::<Mutex<VecDeque<_>>>::default();
        let keep = Arc::clone(&requests);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&keep)));
            }
        });
        Self { url, requests }
    }

    /// What came since the last call.
    pub(crate) fn take(&self) -> Vec<Captured> {
        self.requests.lock().unwrap().drain(..).collect()
    }
}

/// Answers every request of a connection with 204.
async fn serve(mut stream: TcpStream, keep: Arc<Mutex<VecDeque<Captured>>>) {
    let mut bytes = Vec::new();
    loop {
        while let Some((captured, length)) = complete(&bytes) {
            bytes.drain(..length);
            keep.lock().unwrap().push_back(captured);
            stream
                .write_all(b"HTTP/1.1 204 No Content\r\n\r\n")
                .await
                .unwrap();
        }
        match stream.read_buf(&mut bytes).await {
            Ok(1..) => {}
            _ => return,
        }
    }
}

/// The first request in `bytes` and its length, if it is all there.
fn complete(bytes: &[u8]) -> Option<(Captured, usize)> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).unwrap();
    let length = header(head, "content-length").map_or(0, |length| length.parse().unwrap());
    let body = bytes.get(end + 4..end + 4 + length)?;
    Some((Captured::parse(head, body), end + 4 + length))
}
