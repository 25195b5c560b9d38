//! A server that does no more than a client needs to be live, and as cheaply as it can: what it writes to the event
//! socket is made beforehand. It behaves like no Asterisk; that is `FakeAsterisk`'s part.
#![allow(dead_code, reason = "each program uses a part")]

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest, Sha1};

/// What RFC 6455 appends to the client's key.
const ACCEPT_SUFFIX: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// What a client sees of an application to which nothing is subscribed. User events are held back: none is ever sent.
const APPLICATION: &str = r#"{"name":"EVERYTHING","channel_ids":[],"bridge_ids":[],"endpoint_ids":[],"device_names":[],"events_allowed":[],"events_disallowed":[{"type":"ChannelUserevent"}]}"#;

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server on a free port of this machine. It ends when it is dropped, and so do its connections.
#[derive(Debug)]
pub(crate) struct Server {
    address: SocketAddr,
    opened: mpsc::Receiver<TcpStream>,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    /// Frames that are written together with the answer to the handshake.
    greeting: Vec<u8>,
    stopped: AtomicBool,
    connections: Mutex<Vec<TcpStream>>,
}

impl Server {
    /// Starts a server that greets each event socket with these frames.
    pub(crate) fn start(greeting: Vec<u8>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            greeting,
            stopped: AtomicBool::new(false),
            connections: Mutex::default(),
        });
        let (sender, opened) = mpsc::channel();
        let accepting = Arc::clone(&shared);
        thread::spawn(move || accept(&listener, &accepting, &sender));
        Ok(Self {
            address,
            opened,
            shared,
        })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Waits for the next client that opens its event socket.
    pub(crate) fn socket(&self) -> io::Result<TcpStream> {
        let late = |_| io::Error::new(io::ErrorKind::TimedOut, "no client opened an event socket");
        self.opened.recv_timeout(PATIENCE).map_err(late)
    }

    /// How many event sockets were opened since this was last asked.
    pub(crate) fn sockets_so_far(&self) -> usize {
        self.opened.try_iter().count()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::Release);
        // Wakes the thread that accepts; where that fails it has ended.
        let _ = TcpStream::connect(self.address);
        for connection in self.shared.connections.lock().iter().flat_map(|all| all.iter()) {
            let _ = connection.shutdown(std::net::Shutdown::Both);
        }
    }
}

/// The frame of a text message, as a server writes it.
pub(crate) fn frame(text: &str) -> Vec<u8> {
    let mut frame = vec![0x81];
    match (u8::try_from(text.len()), u16::try_from(text.len())) {
        (Ok(length @ 0..=125), _) => frame.push(length),
        (_, Ok(length)) => {
            frame.push(126);
            frame.extend(length.to_be_bytes());
        }
        _ => {
            frame.push(127);
            frame.extend((text.len() as u64).to_be_bytes());
        }
    }
    frame.extend(text.as_bytes());
    frame
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>, opened: &mpsc::Sender<TcpStream>) {
    for connection in listener.incoming() {
        if shared.stopped.load(Ordering::Acquire) {
            return;
        }
        let Ok(connection) = connection else { continue };
        if let (Ok(known), Ok(mut all)) = (connection.try_clone(), shared.connections.lock()) {
            all.push(known);
        }
        let (shared, opened) = (Arc::clone(shared), opened.clone());
        // A connection that breaks is the client's to notice.
        thread::spawn(move || serve(connection, &shared, &opened));
    }
}

/// Answers requests until one opens an event socket.
fn serve(mut connection: TcpStream, shared: &Shared, opened: &mpsc::Sender<TcpStream>) -> io::Result<()> {
    connection.set_nodelay(true)?;
    let mut reader = BufReader::new(connection.try_clone()?);
    let mut line = String::new();
    loop {
        let (mut target, mut key) = (None, None);
        loop {
            line.clear();
            if reader.read_line(&mut line)? == 0 {
                return Ok(());
            }
            let header = line.trim_end();
            if header.is_empty() {
                break;
            }
            match &mut target {
                None => target = Some(header.to_owned()),
                Some(_) => key = key.or_else(|| value_of(header, "sec-websocket-key")),
            }
        }
        let target = target.unwrap_or_default();
        let Some(key) = key else {
            connection.write_all(reply(&target).as_bytes())?;
            continue;
        };
        let mut answer = switching(&key).into_bytes();
        answer.extend(&shared.greeting);
        connection.write_all(&answer)?;
        // Who waits for the socket may be gone.
        let _ = opened.send(connection.try_clone()?);
        return read_to_close(reader, &connection);
    }
}

fn value_of(header: &str, name: &str) -> Option<String> {
    let (found, value) = header.split_once(':')?;
    found.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
}

fn switching(key: &str) -> String {
    let accept = STANDARD.encode(Sha1::digest(format!("{key}{ACCEPT_SUFFIX}")));
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\nSec-WebSocket-Protocol: ari\r\n\r\n"
    )
}

/// There are no channels, and whatever is asked for is granted.
fn reply(target: &str) -> String {
    let body = match target
        .split(' ')
        .nth(1)
        .map(|path| path.trim_start_matches("/ari"))
    {
        Some("/channels") if target.starts_with("GET ") => "[]",
        Some(path) if path.starts_with("/applications/") => APPLICATION,
        _ => return "HTTP/1.1 204 No Content\r\n\r\n".into(),
    };
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}")
}

/// Reads what the client sends, which is little, until it closes the socket.
fn read_to_close(mut reader: impl Read, connection: &TcpStream) -> io::Result<()> {
    const CLOSE: u8 = 0x88;
    let mut bytes = [0; 256];
    loop {
        let count = reader.read(&mut bytes)?;
        if count == 0 || bytes[0] == CLOSE {
            return connection.shutdown(std::net::Shutdown::Both);
        }
    }
}
