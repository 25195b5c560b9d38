//! What goes on the wire, taken from a socket, and what comes back from it.

use std::cell::RefCell;
use std::collections::BTreeMap;

use ari_client::request::{Method, Operation, RawRequest};
use ari_client::{Ari, ErrorKind, applications, asterisk, bridges, channels, recordings};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

use crate::asterisk::Read;
use crate::schema::any_text;

/// A server that gives one answer to one request, and remembers the request.
struct Wire {
    runtime: Runtime,
    listener: TcpListener,
    ari: Ari,
}

impl Wire {
    fn new() -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let ari = runtime.block_on(async { Ari::builder(url).credentials("lab", "lab").build().unwrap() });
        Self {
            runtime,
            listener,
            ari,
        }
    }

    /// Sends the request; returns what Asterisk makes of it, and what the client makes of the answer.
    fn exchange<T>(&self, answer: &[u8], call: impl Future<Output = T>) -> (Read, T) {
        let (read, result) = self
            .runtime
            .block_on(async { tokio::join!(async { self.serve(answer).await.unwrap() }, call) });
        (read, result)
    }

    fn sent<O: Operation>(&self, operation: O) -> Read {
        const NOTHING: &[u8] = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
        self.exchange(NOTHING, self.ari.send(operation)).0
    }

    async fn serve(&self, answer: &[u8]) -> std::io::Result<Read> {
        let (mut socket, _) = self.listener.accept().await?;
        let mut bytes = Vec::new();
        let read = loop {
            socket.read_buf(&mut bytes).await?;
            if let Some(read) = request(&bytes) {
                break read;
            }
        };
        socket.write_all(answer).await?;
        socket.shutdown().await?;
        Ok(read)
    }
}

/// The request in `bytes`, once it is whole.
fn request(bytes: &[u8]) -> Option<Read> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let (head, body) = (std::str::from_utf8(&bytes[..end]).unwrap(), &bytes[end + 4..]);
    let (line, headers) = head.split_once("\r\n").unwrap();
    let headers = headers.to_lowercase();
    let length = headers
        .lines()
        .find_map(|header| header.strip_prefix("content-length: "));
    let length: usize = length.map_or(0, |length| length.parse().unwrap());
    assert!(
        length == 0 || headers.contains("content-type: application/json"),
        "{headers}"
    );
    let [method, target, "HTTP/1.1"] = line.split(' ').collect::<Vec<_>>()[..] else {
        panic!("{line}")
    };
    (body.len() == length).then(|| Read::new(method, target, body))
}

/// Texts without what no request can carry.
fn text() -> impl Strategy<Value = String> {
    let delimiters = "[a,;+/%&=?#\"'()\\[\\]\\\\ .é-]{0,8}";
    prop_oneof![any_text(), delimiters].prop_map(|text| text.replace('\0', ""))
}

fn id() -> impl Strategy<Value = String> {
    text().prop_filter("an id is not empty", |id| !id.is_empty())
}

thread_local! {
    static WIRE: RefCell<Wire> = RefCell::new(Wire::new());
}

fn sent(operation: impl Operation) -> Read {
    WIRE.with_borrow(|wire| wire.sent(operation))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_path_and_query(path in vec(id(), 1..5), query in vec((text(), text()), 0..5)) {
        let mut request = RawRequest::new("any", Method::Get, path.clone());
        for (name, value) in &query {
            request = request.with_query(name.clone(), value.clone());
        }
        let read = WIRE.with_borrow(|wire| wire.exchange(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", wire.ari.request(request)).0);
        prop_assert_eq!(read.method, "GET");
        prop_assert_eq!(read.path, path);
        prop_assert_eq!(read.query, query);
    }

    #[test]
    fn any_list(channel in id(), media in vec(text(), 1..140), lang in text(), skip in any::<i32>(), long in 0_usize..1500) {
        let lang = lang + &"x".repeat(long);
        let play = channels::Play::new(&channel, &media).lang(&lang).skipms(skip.into()).playback_id("p");
        let read = sent(play);
        prop_assert_eq!(&read.path, &["channels", &channel, "play"]);
        prop_assert_eq!(read.list("media"), Some(media));
        prop_assert_eq!(read.text("lang"), Some(&*lang));
        prop_assert_eq!(read.number("skipms"), Some(skip.into()));
        prop_assert_eq!(read.text("playbackId"), Some("p"));
    }

    #[test]
    fn any_originate(
        (endpoint, app, args, caller) in (text(), text(), text(), text()),
        variables in btree_map(text(), text(), 0..4),
        id in id(),
    ) {
        let originate = channels::Originate::new(&endpoint).app(&app).app_args(&args).caller_id(&caller).channel_id(id.clone());
        let read = sent(originate.timeout(30).variables(variables.clone()));
        prop_assert_eq!(&read.path, &["channels"]);
        for (name, value) in [("endpoint", endpoint), ("app", app), ("appArgs", args), ("callerId", caller), ("channelId", id)] {
            prop_assert_eq!(read.text(name), Some(&*value));
        }
        prop_assert_eq!(read.number("timeout"), Some(30));
        prop_assert_eq!(read.texts("variables"), variables);
    }

    #[test]
    fn any_ids_in_lists((bridge, app) in (id(), id()), ids in vec(text(), 1..5)) {
        let added = sent(bridges::AddChannel::new(&bridge, &ids));
        prop_assert_eq!(&added.path, &["bridges", &bridge, "addChannel"]);
        prop_assert_eq!(added.list("channel"), Some(ids.clone()));
        let subscribed = sent(applications::Subscribe::new(&app, &ids));
        prop_assert_eq!(subscribed.list("eventSource"), Some(ids));
    }

    #[test]
    fn any_names_in_paths_and_pairs(names in vec(id(), 3..4), fields in vec((text(), text()), 1..4)) {
        let [class, object, id] = [&names[0], &names[1], &names[2]];
        let read = sent(asterisk::UpdateObject::new(class, object, id).fields(fields.clone()));
        prop_assert_eq!(&read.path, &["asterisk", "config", "dynamic", class, object, id]);
        let sent: Vec<_> = fields.iter().map(|(name, value)| serde_json::json!({"attribute": name, "value": value})).collect();
        prop_assert_eq!(&read.body["fields"], &serde_json::Value::from(sent));
    }

    #[test]
    fn nothing_is_sent_with_a_nul((before, after) in (text(), text())) {
        let nul = format!("{before}\0{after}");
        let refused = [
            channels::Answer::new(&nul).into_request(),
            channels::Play::new("a", [&nul]).into_request(),
            channels::SetChannelVar::new("a", &nul).into_request(),
            channels::Originate::new("a").variable(&nul, "b").into_request(),
            channels::Originate::new("a").variable("b", nul.as_str()).into_request(),
        ];
        for request in refused {
            prop_assert_eq!(request.unwrap_err().kind(), ErrorKind::Invalid);
        }
    }

    #[test]
    fn any_answer(
        status in 200_u16..600,
        kind in prop_oneof![Just("application/json"), Just("text/html"), Just("audio/wav"), Just("-")],
        body in prop_oneof![vec(any::<u8>(), 0..300), Just(br#"{"message":"Channel not found"}"#.to_vec())],
    ) {
        // Who is not ready yet is asked again, and this server gives one answer.
        prop_assume!(status != 503);
        let bodiless = matches!(status, 204 | 304);
        let body = if bodiless { Vec::new() } else { body };
        let mut answer = format!("HTTP/1.1 {status} Reason\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len()).into_bytes();
        answer.extend(&body);
        WIRE.with_borrow(|wire| {
            let raw = wire.exchange(&answer, wire.ari.send(recordings::GetStoredFile::new("a"))).1;
            match raw {
                Ok(bytes) => assert_eq!((status / 100, &bytes[..]), (2, &body[..])),
                Err(error) => assert_eq!((error.status(), error.body().map(|body| &body[..])), (Some(status), Some(&body[..]))),
            }
            if let Err(error) = wire.exchange(&answer, wire.ari.send(channels::Get::new("a"))).1 {
                assert_eq!((error.status(), error.body().map(|body| &body[..])), (Some(status), Some(&body[..])));
                assert_eq!(error.kind() == ErrorKind::Undecodable, status / 100 == 2);
            }
        });
    }
}

#[test]
fn the_reader_reads_as_asterisk_was_seen_to() {
    let lists: BTreeMap<&str, &[&str]> = BTreeMap::from([
        ("a%22b,c", &["ab,c"][..]),
        ("a(b,c", &["a(b,c"]),
        ("a%5Cb,c", &["ab", "c"]),
        ("a)b,c", &["a)b", "c"]),
        ("a(b),c", &["a(b)", "c"]),
        ("a+b,%2B", &["a b", "+"]),
        (",", &["", ""]),
    ]);
    for (sent, items) in lists {
        let read = Read::new("GET", &format!("/ari/x?list={sent}"), b"");
        assert_eq!(read.list("list").unwrap(), items, "{sent}");
    }
    assert_eq!(
        Read::new("GET", "/ari/channels/a%00b", b"").path,
        ["channels", "a"]
    );
}
