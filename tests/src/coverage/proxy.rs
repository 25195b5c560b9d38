//! A proxy between the client and Asterisk that writes down what passes, with no code of the client's.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use bytes::Bytes;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::http::Answer;

/// How long Asterisk may take to answer, and a client to ask again on the same connection.
const PATIENCE: Duration = Duration::from_secs(60);
const MOST_HEADERS: usize = 64 * 1024;
const LONGEST_BODY: usize = 64 * 1024 * 1024;

/// A request and its reply, as they were on the wire.
#[derive(Debug, Clone)]
pub(super) struct Exchange {
    /// Method and target, such as `GET /ari/channels?x=y`.
    pub(super) request: String,
    pub(super) reply: Answer,
}

/// Listens on 127.0.0.1 and passes HTTP on, message by message. It ends when this value is dropped.
#[derive(Debug)]
pub(super) struct Proxy {
    port: u16,
    seen: Arc<Mutex<Vec<Exchange>>>,
    task: JoinHandle<()>,
}

impl Proxy {
    /// Starts a proxy in front of the server at `port` of 127.0.0.1.
    pub(super) async fn start(server: u16) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let seen = Arc::default();
        let task = tokio::spawn(accept(listener, server, Arc::clone(&seen)));
        Ok(Self { port, seen, task })
    }

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What passed since the last call.
    pub(super) fn take(&self) -> Vec<Exchange> {
        std::mem::take(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, server: u16, seen: Arc<Mutex<Vec<Exchange>>>) {
    while let Ok((client, _)) = listener.accept().await {
        let seen = Arc::clone(&seen);
        tokio::spawn(async move {
            // What goes wrong on this connection, the client sees as a connection that broke.
            let _ = serve(client, server, &seen).await;
        });
    }
}

async fn serve(client: TcpStream, server: u16, seen: &Mutex<Vec<Exchange>>) -> Result<()> {
    client.set_nodelay(true)?;
    let mut client = BufReader::new(client);
    while let Some(request) = timeout(PATIENCE, read(&mut client)).await?? {
        // A connection of its own for each request: it cannot be one that the server is just closing.
        let mut upstream = BufReader::new(TcpStream::connect(("127.0.0.1", server)).await?);
        upstream.write_all(&request.bytes()).await?;
        let reply = timeout(PATIENCE, read(&mut upstream)).await??;
        let reply = reply.context("no reply")?;
        let exchange = Exchange {
            request: request.target()?,
            reply: Answer {
                status: reply.status()?,
                body: reply.body.clone(),
            },
        };
        // Before the client has it, so that whoever has seen the reply finds it here.
        seen.lock().unwrap_or_else(PoisonError::into_inner).push(exchange);
        client.write_all(&reply.bytes()).await?;
    }
    Ok(())
}

/// An HTTP message with a body of known length: all that ARI and its clients send.
struct Message {
    head: Vec<u8>,
    body: Bytes,
}

impl Message {
    fn bytes(&self) -> Vec<u8> {
        [&self.head[..], &self.body].concat()
    }

    fn first_line(&self) -> String {
        let line = self.head.split(|byte| *byte == b'\r').next();
        String::from_utf8_lossy(line.unwrap_or_default()).into_owned()
    }

    fn target(&self) -> Result<String> {
        let line = self.first_line();
        let target = line.strip_suffix(" HTTP/1.1").map(str::to_owned);
        target.with_context(|| format!("no request: {line}"))
    }

    fn status(&self) -> Result<http::StatusCode> {
        let line = self.first_line();
        let status = line.split(' ').nth(1).and_then(|status| status.parse().ok());
        status.with_context(|| format!("no reply: {line}"))
    }
}

/// Reads one message, or nothing where the connection ends before one begins.
async fn read(stream: &mut BufReader<TcpStream>) -> Result<Option<Message>> {
    let mut head = Vec::new();
    let mut length = 0;
    loop {
        let start = head.len();
        if stream.read_until(b'\n', &mut head).await? == 0 {
            return if head.is_empty() {
                Ok(None)
            } else {
                bail!("broke off")
            };
        }
        match &head[start..] {
            b"\r\n" => break,
            line => length = content_length(line).unwrap_or(length),
        }
        if head.len() > MOST_HEADERS || length > LONGEST_BODY {
            bail!("too long");
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    let body = body.into();
    Ok(Some(Message { head, body }))
}

fn content_length(line: &[u8]) -> Option<usize> {
    let (name, value) = std::str::from_utf8(line).ok()?.split_once(':')?;
    let ours = name.eq_ignore_ascii_case("content-length");
    value.trim().parse().ok().filter(|_| ours)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn server(reply: &'static [u8]) -> u16 {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            let (client, _) = listener.accept().await.unwrap();
            let mut client = BufReader::new(client);
            read(&mut client).await.unwrap();
            client.write_all(reply).await.unwrap();
        });
        port
    }

    #[tokio::test]
    async fn what_passes_is_written_down_and_passed_on() {
        let port = server(b"HTTP/1.1 404 Not there\r\nContent-length: 4\r\n\r\n{ }\n").await;
        let proxy = Proxy::start(port).await.unwrap();
        let mut client = BufReader::new(TcpStream::connect(("127.0.0.1", proxy.port)).await.unwrap());
        client
            .write_all(b"PUT /ari/x?y=z HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi")
            .await
            .unwrap();
        let reply = read(&mut client).await.unwrap().unwrap();
        assert_eq!(
            (reply.status().unwrap().as_u16(), &reply.body[..]),
            (404, &b"{ }\n"[..])
        );
        let [seen] = &proxy.take()[..] else {
            panic!("not one exchange")
        };
        assert_eq!(seen.request, "PUT /ari/x?y=z");
        assert_eq!(
            (seen.reply.status.as_u16(), &seen.reply.body[..]),
            (404, &b"{ }\n"[..])
        );
        assert!(proxy.take().is_empty(), "what was taken is gone");
    }
}
