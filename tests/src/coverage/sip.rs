//! The least of a SIP phone (RFC 3261): it registers and sends text messages, and says OK to whatever it is asked.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(5);
/// How many requests are kept until somebody asks for them.
const KEPT: usize = 64;

/// A phone. It falls silent when this value is dropped.
#[derive(Debug)]
pub(super) struct Sip {
    name: &'static str,
    socket: Arc<UdpSocket>,
    replies: mpsc::Receiver<String>,
    requests: mpsc::Receiver<String>,
    port: u16,
    sequence: u32,
    task: JoinHandle<()>,
}

impl Sip {
    /// A phone of the server at `server` of 127.0.0.1, with a port of its own.
    pub(super) async fn start(name: &'static str, server: u16) -> Result<Self> {
        let socket = UdpSocket::bind(("127.0.0.1", 0)).await?;
        socket.connect(("127.0.0.1", server)).await?;
        let port = socket.local_addr()?.port();
        let socket = Arc::new(socket);
        let (to_asker, replies) = mpsc::channel(8);
        let (to_keeper, requests) = mpsc::channel(KEPT);
        let task = tokio::spawn(listen(Arc::clone(&socket), to_asker, to_keeper));
        Ok(Self {
            name,
            socket,
            replies,
            requests,
            port,
            sequence: 0,
            task,
        })
    }

    pub(super) async fn register(&mut self) -> Result<()> {
        self.send_register(60).await
    }

    pub(super) async fn unregister(&mut self) -> Result<()> {
        self.send_register(0).await
    }

    /// Sends a text message.
    pub(super) async fn say(&mut self, text: &str) -> Result<()> {
        self.ask(
            "MESSAGE",
            "sip:lab@127.0.0.1",
            "Content-Type: text/plain\r\n",
            text,
        )
        .await
    }

    /// Waits for a request of this method that holds `text`, and forgets those that came before.
    pub(super) async fn was_asked(&mut self, method: &str, text: &str) -> Result<()> {
        let asked = async {
            while let Some(request) = self.requests.recv().await {
                if request.starts_with(method) && request.contains(text) {
                    return Ok(());
                }
            }
            bail!("the phone's socket is closed")
        };
        let asked = timeout(PATIENCE, asked).await;
        asked.with_context(|| format!("the phone got no {method} with `{text}` within {PATIENCE:?}"))?
    }

    async fn send_register(&mut self, expires: u32) -> Result<()> {
        let contact = format!(
            "Contact: <sip:{}@127.0.0.1:{}>\r\nExpires: {expires}\r\n",
            self.name, self.port
        );
        let address = format!("sip:{}@127.0.0.1", self.name);
        self.ask("REGISTER", &address, &contact, "").await
    }

    /// Sends a request and waits until it is accepted.
    async fn ask(&mut self, method: &str, to: &str, headers: &str, body: &str) -> Result<()> {
        self.sequence += 1;
        let (name, port, sequence) = (self.name, self.port, self.sequence);
        let tag = fastrand::u64(..);
        let request = format!(
            "{method} sip:127.0.0.1 SIP/2.0\r\n\
             Via: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK{tag:x};rport\r\n\
             From: <sip:{name}@127.0.0.1>;tag={tag:x}\r\nTo: <{to}>\r\n\
             Call-ID: {name}-{port}\r\nCSeq: {sequence} {method}\r\nMax-Forwards: 70\r\n\
             {headers}Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        self.socket.send(request.as_bytes()).await?;
        let reply = timeout(PATIENCE, self.replies.recv()).await;
        let reply = reply.with_context(|| format!("{method}: no reply within {PATIENCE:?}"))?;
        let reply = reply.context("the phone's socket is closed")?;
        let line = reply.lines().next().unwrap_or_default();
        ensure!(line.starts_with("SIP/2.0 2"), "{method}: {line}");
        Ok(())
    }
}

impl Drop for Sip {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn listen(socket: Arc<UdpSocket>, replies: mpsc::Sender<String>, requests: mpsc::Sender<String>) {
    let mut packet = vec![0; 65_536];
    while let Ok(length) = socket.recv(&mut packet).await {
        let text = String::from_utf8_lossy(&packet[..length]).into_owned();
        if text.starts_with("SIP/2.0 1") {
            continue;
        }
        if text.starts_with("SIP/2.0 ") {
            if replies.send(text).await.is_err() {
                return;
            }
        } else {
            if socket.send(ok(&text).as_bytes()).await.is_err() {
                return;
            }
            // One too many to keep is missed by whoever waits for it.
            let _ = requests.try_send(text);
        }
    }
}

/// The reply that accepts a request.
fn ok(request: &str) -> String {
    let wanted = ["via:", "from:", "to:", "call-id:", "cseq:"];
    let mut reply = "SIP/2.0 200 OK\r\n".to_owned();
    for line in request.lines().take_while(|line| !line.is_empty()) {
        let lower = line.to_ascii_lowercase();
        if !wanted.iter().any(|name| lower.starts_with(name)) {
            continue;
        }
        reply.push_str(line);
        if lower.starts_with("to:") && !lower.contains(";tag=") {
            reply.push_str(";tag=lab");
        }
        reply.push_str("\r\n");
    }
    reply + "Content-Length: 0\r\n\r\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_accepted_with_its_own_headers() {
        let request = "OPTIONS sip:alice@127.0.0.1 SIP/2.0\r\nVia: v\r\nFrom: f\r\nTo: <t>\r\n\
                       Call-ID: c\r\nCSeq: 1 OPTIONS\r\nContact: x\r\n\r\nTo: no header";
        assert_eq!(
            ok(request),
            "SIP/2.0 200 OK\r\nVia: v\r\nFrom: f\r\nTo: <t>;tag=lab\r\nCall-ID: c\r\nCSeq: 1 OPTIONS\r\n\
             Content-Length: 0\r\n\r\n"
        );
    }
}
