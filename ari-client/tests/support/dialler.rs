//! An Asterisk that dials in: one event socket, by hand.

use std::net::SocketAddr;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fastwebsockets::{Frame, OpCode, Payload, Role, WebSocket};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::{LONG, within};

/// The credentials of the Asterisk.
pub(crate) const USER: (&str, &str) = ("pbx", "s3cret");

/// The id that it has, unless a test says otherwise.
pub(crate) const ID: &str = "02:00:00:00:00:01";

/// What an Asterisk without channels answers when it is asked for them.
pub(crate) const NO_CHANNELS: &Value = &Value::Array(Vec::new());

/// An event socket that is open.
pub(crate) struct Dialler {
    application: String,
    id: String,
    to_send: mpsc::UnboundedSender<Value>,
    requests: mpsc::UnboundedReceiver<Value>,
}

/// The head of a handshake with these credentials.
pub(crate) fn handshake((user, password): (&str, &str)) -> String {
    let secret = STANDARD.encode(format!("{user}:{password}"));
    format!(
        "GET /ws HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: ari\r\nAuthorization: Basic {secret}\r\n\r\n"
    )
}

/// Sends `text` on a new connection and returns it with the head of what is answered.
pub(crate) async fn ask(address: SocketAddr, text: impl AsRef<[u8]>) -> (TcpStream, String) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(text.as_ref()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match timeout(LONG, stream.read_u8()).await.unwrap() {
            Ok(byte) => head.push(byte),
            Err(_) => break,
        }
    }
    (stream, String::from_utf8(head).unwrap())
}

/// The channel `id`, in `application`, as Asterisk shows it.
pub(crate) fn channel(application: &str, id: &str) -> Value {
    let (entered, name) = application.split_once(':').unwrap_or((application, "PJSIP/x-1"));
    json!({
        "id": id, "name": name, "state": "Up", "creationtime": "2026-01-01T00:00:00.000+0000", "language": "en",
        "caller": {"name": "", "number": ""}, "connected": {"name": "", "number": ""}, "accountcode": "",
        "protocol_id": "",
        "dialplan": {"context": "default", "exten": "1", "priority": 1, "app_name": "Stasis", "app_data": entered},
    })
}

impl Dialler {
    /// Dials in with an application, and tells of it as Asterisk does.
    pub(crate) async fn dial(address: SocketAddr, application: &str) -> Self {
        Self::dial_as(address, application, USER, ID).await
    }

    pub(crate) async fn dial_as(
        address: SocketAddr,
        application: &str,
        user: (&str, &str),
        id: &str,
    ) -> Self {
        let dialler = Self::silent(address, application, user, id).await;
        dialler.tell("ApplicationRegistered", &json!({}));
        dialler
    }

    /// Dials in, and says nothing.
    pub(crate) async fn silent(address: SocketAddr, application: &str, user: (&str, &str), id: &str) -> Self {
        let (stream, head) = ask(address, handshake(user)).await;
        assert!(head.starts_with("HTTP/1.1 101"), "{head}");
        // Asterisk wants exactly these.
        for line in [
            "upgrade: websocket",
            "connection: upgrade",
            "sec-websocket-protocol: ari",
            "sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo=",
        ] {
            let mut lines = head.lines();
            assert!(lines.any(|known| known.eq_ignore_ascii_case(line)), "{head}");
        }
        Self::over(stream, application, id)
    }

    /// Takes over a connection after the handshake.
    pub(crate) fn over(stream: TcpStream, application: &str, id: &str) -> Self {
        let (to_send, mut queued) = mpsc::unbounded_channel::<Value>();
        let (asked, requests) = mpsc::unbounded_channel();
        let mut socket = WebSocket::after_handshake(stream, Role::Client);
        socket.set_auto_pong(true);
        tokio::spawn(async move {
            let (mut reader, mut writer) = socket.split(tokio::io::split);
            let reading = async {
                let mut ignore = |_: Frame<'_>| std::future::ready(Ok::<(), std::io::Error>(()));
                while let Ok(frame) = reader.read_frame(&mut ignore).await {
                    match frame.opcode {
                        OpCode::Text => {
                            let _ = asked.send(serde_json::from_slice(&frame.payload).unwrap());
                        }
                        OpCode::Close => break,
                        _ => {}
                    }
                }
            };
            let writing = async {
                while let Some(event) = queued.recv().await {
                    let frame = Frame::text(Payload::Owned(event.to_string().into_bytes()));
                    if writer.write_frame(frame).await.is_err() {
                        break;
                    }
                }
            };
            tokio::select! {
                () = reading => {}
                () = writing => {}
            }
        });
        Self {
            application: application.to_owned(),
            id: id.to_owned(),
            to_send,
            requests,
        }
    }

    /// Sends an event with these properties.
    pub(crate) fn tell(&self, event_type: &str, properties: &Value) {
        let mut event = json!({
            "type": event_type, "application": self.application, "asterisk_id": self.id,
            "timestamp": "2026-01-01T00:00:00.000+0000",
        });
        let event_object = event.as_object_mut().unwrap();
        event_object.extend(properties.as_object().unwrap().clone());
        let _ = self.to_send.send(event);
    }

    /// The channel `id` enters the application.
    pub(crate) fn enters(&self, id: &str) {
        self.tell("StasisStart", &json!({"args": [], "channel": self.channel(id)}));
    }

    /// The channel `id` leaves the application.
    pub(crate) fn leaves(&self, id: &str) {
        self.tell("StasisEnd", &json!({"channel": self.channel(id)}));
    }

    /// The channel `id` as Asterisk shows it.
    pub(crate) fn channel(&self, id: &str) -> Value {
        channel(&self.application, id)
    }

    /// The next request; `None` when the socket is closed.
    pub(crate) async fn request(&mut self) -> Option<Value> {
        within(self.requests.recv()).await
    }

    /// The next request, if one comes within this time.
    pub(crate) async fn request_within(&mut self, patience: Duration) -> Option<Value> {
        timeout(patience, self.requests.recv()).await.ok().flatten()
    }

    /// Whether the program has closed the socket.
    pub(crate) fn is_closed(&self) -> bool {
        self.requests.is_closed()
    }

    /// Answers a request.
    pub(crate) fn answer(&self, request: &Value, status: u16, body: &Value) {
        let mut reply = json!({"request_id": request["request_id"], "status_code": status});
        if !body.is_null() {
            reply["message_body"] = body.to_string().into();
        }
        self.tell("RESTResponse", &reply);
    }

    /// Expects a request, and answers it.
    pub(crate) async fn serve(&mut self, method: &str, uri: &str, status: u16, body: &Value) -> Value {
        let request = self.request().await.expect("the socket was closed");
        assert_eq!(
            (&request["method"], &request["uri"]),
            (&json!(method), &json!(uri))
        );
        self.answer(&request, status, body);
        request
    }

    /// Answers what is asked, as an Asterisk without channels, until `uri` has been asked for.
    pub(crate) async fn serve_until(&mut self, uri: &str) {
        let mut asked = false;
        while !asked {
            let request = self.request().await.expect("the socket was closed");
            asked = request["uri"] == uri;
            self.answer(&request, 200, NO_CHANNELS);
        }
    }

    /// The channel `id` enters the application, which answers it.
    pub(crate) async fn calls(&mut self, id: &str) {
        self.enters(id);
        let uri = format!("channels/{id}/answer");
        self.serve("POST", &uri, 204, &Value::Null).await;
    }
}
