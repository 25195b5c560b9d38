//! The Manager Interface, by which the lab moves the hands of a phone.

use std::collections::HashMap;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::mpsc;
use tokio::time::timeout;

const DEADLINE: Duration = Duration::from_secs(10);

/// An event or a response: its headers by name. Of a repeated header the last one counts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Message(HashMap<String, String>);

impl Message {
    /// The value of a header, empty if there is none.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
}

/// A session with the Manager Interface. Events go to the receiver, responses to the asker.
#[derive(Debug)]
pub(crate) struct Ami {
    writer: OwnedWriteHalf,
    responses: mpsc::Receiver<Message>,
}

impl Ami {
    /// Connects to 127.0.0.1 and logs in. Events arrive until the session or the receiver is dropped.
    pub(crate) async fn connect(
        port: u16,
        user: &str,
        secret: &str,
    ) -> Result<(Self, mpsc::UnboundedReceiver<Message>)> {
        let stream = timeout(DEADLINE, TcpStream::connect(("127.0.0.1", port))).await??;
        let (reader, writer) = stream.into_split();
        let (to_asker, responses) = mpsc::channel(8);
        let (to_watcher, events) = mpsc::unbounded_channel();
        // Ends when the connection does, which is when the writer is dropped and Asterisk closes.
        tokio::spawn(read(BufReader::new(reader), to_asker, to_watcher));
        let mut ami = Self { writer, responses };
        ami.ask(&[("Action", "Login"), ("Username", user), ("Secret", secret)])
            .await?;
        Ok((ami, events))
    }

    /// Performs an action and waits for its response.
    pub(crate) async fn ask(&mut self, action: &[(&str, &str)]) -> Result<Message> {
        self.writer.write_all(wire(action)?.as_bytes()).await?;
        let name = action.first().map_or("", |(_, name)| name);
        let response = timeout(DEADLINE, self.responses.recv()).await;
        let response = response.with_context(|| format!("{name}: no response within 10 s"))?;
        let response = response.with_context(|| format!("{name}: the manager connection is closed"))?;
        match response.get("Response") {
            "Success" => Ok(response),
            _ => bail!("{name}: {}", response.get("Message")),
        }
    }

    /// Sends a last action without waiting for anything, for use in `Drop`.
    pub(crate) fn say_last(&self, action: &[(&str, &str)]) {
        // Some hundred bytes fit into the buffer of a socket that is idle; if it is broken, all is over anyway.
        let _ = wire(action).map(|text| self.writer.try_write(text.as_bytes()));
    }
}

fn wire(action: &[(&str, &str)]) -> Result<String> {
    let mut text = String::new();
    for (name, value) in action {
        if value.contains(['\r', '\n']) {
            bail!("{name} holds a line break: {value:?}");
        }
        text.extend([name, ": ", value, "\r\n"]);
    }
    text.push_str("\r\n");
    Ok(text)
}

async fn read(
    mut lines: BufReader<OwnedReadHalf>,
    responses: mpsc::Sender<Message>,
    events: mpsc::UnboundedSender<Message>,
) {
    let mut message = Message::default();
    let mut line = String::new();
    while lines.read_line(&mut line).await.is_ok_and(|length| length > 0) {
        match line.trim_end().split_once(": ") {
            Some((name, value)) => drop(message.0.insert(name.to_owned(), value.to_owned())),
            // The greeting is no header, and neither is one without a value; an empty line ends a message.
            None if line.trim_end().is_empty() => {
                let whole = std::mem::take(&mut message);
                if whole.0.contains_key("Event") {
                    // Whoever watched may have seen enough.
                    let _ = events.send(whole);
                } else if responses.send(whole).await.is_err() {
                    return;
                }
            }
            None => {}
        }
        line.clear();
    }
}
