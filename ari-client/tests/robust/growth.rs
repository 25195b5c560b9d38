//! Time grows with the input, not with its square.

use std::hint::black_box;
use std::time::{Duration, Instant};

use ari_client::request::RawResponse;
use ari_client::rt::Peek;
use ari_client::{Event, EventType};

use crate::properties::reply::{Decoder, decoders};

/// How many times longer an input is than the one that it is compared with.
const LONGER: usize = 8;

/// What may be in the way of the longer one: caches, and a machine that has other things to do. A square would be 64.
const LIMIT: u32 = 5 * 8;

/// The shortest of several runs.
fn shortest(read: &dyn Fn(&[u8]), input: &[u8]) -> Duration {
    let run = || {
        let start = Instant::now();
        read(black_box(input));
        start.elapsed()
    };
    (0..4).map(|_| run()).min().unwrap_or_default()
}

/// Compares the times for `count` and [`LONGER`] times `count` of what `make` makes.
fn grows_evenly(what: &str, count: usize, make: impl Fn(usize) -> String, read: &dyn Fn(&[u8])) {
    let (short, long) = (make(count), make(count * LONGER));
    let mut times = Vec::new();
    // A pause in the wrong moment spoils one try, not three.
    for _ in 0..3 {
        let (short, long) = (shortest(read, short.as_bytes()), shortest(read, long.as_bytes()));
        if long < short * LIMIT {
            return;
        }
        times.push((short, long));
    }
    panic!("{what}: {times:?}");
}

fn many(count: usize, item: impl Fn(usize) -> String) -> String {
    (0..count).map(item).collect::<Vec<_>>().join(",")
}

/// What it is, how many of it take time enough to be measured, and how to make so many.
type Shape = (&'static str, usize, Box<dyn Fn(usize) -> String>);

/// Members of an object that are long, many or deep.
fn shapes() -> Vec<Shape> {
    vec![
        (
            "unknown fields",
            2_000,
            Box::new(|count| many(count, |at| format!("\"unknown {at}\":{at}"))),
        ),
        (
            "one name many times",
            2_000,
            Box::new(|count| many(count, |_| "\"a\":1".to_owned())),
        ),
        (
            "nesting",
            10_000,
            Box::new(|depth| format!("\"a\":{}{}", "[".repeat(depth), "]".repeat(depth))),
        ),
        (
            "nested objects",
            5_000,
            Box::new(|depth| format!("\"a\":{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth))),
        ),
        (
            "escapes",
            10_000,
            Box::new(|count| format!("\"application\":\"{}\"", r"\u00e9\n".repeat(count))),
        ),
        (
            "a long text",
            50_000,
            Box::new(|count| format!("\"application\":\"{}\"", "x".repeat(count))),
        ),
        (
            "a long list",
            12_500,
            Box::new(|count| format!("\"args\":[{}]", many(count, |at| format!("\"{at}\"")))),
        ),
        (
            "a long unknown list",
            12_500,
            Box::new(|count| format!("\"a\":[{}]", many(count, |_| "{}".to_owned()))),
        ),
        (
            "many variables",
            5_000,
            Box::new(|count| {
                let variables = many(count, |at| format!("\"{at}\":\"x\""));
                format!("\"channel\":{{\"id\":\"a\",\"channelvars\":{{{variables}}}}}")
            }),
        ),
        (
            "a long number",
            10_000,
            Box::new(|count| format!("\"a\":{}", "1".repeat(count))),
        ),
        (
            "broken at the end",
            10_000,
            Box::new(|count| format!("\"a\":[{},", many(count, |_| "1".to_owned()))),
        ),
    ]
}

#[test]
fn events_and_what_routing_reads_of_them() {
    for event_type in [
        EventType::StasisStart,
        EventType::ChannelUserevent,
        EventType::Unknown,
    ] {
        for (what, count, member) in shapes() {
            let make = |count| format!("{{\"type\":\"{}\",{}}}", event_type.name(), member(count));
            let decode = |frame: &[u8]| drop(black_box(Event::decode(frame.to_vec().into())));
            grows_evenly(what, count, make, &decode);
            let peek = |frame: &[u8]| {
                let _ = black_box(serde_json::from_slice::<Peek<'_>>(frame));
            };
            grows_evenly(what, count, make, &peek);
        }
    }
}

#[test]
fn replies() {
    let reads = [
        "channels.get",
        "channels.list",
        "applications.get",
        "bridges.getBridgeVars",
        "recordings.getStoredFile",
    ];
    for Decoder { name, decode, .. } in decoders() {
        if !reads.contains(&name) {
            continue;
        }
        for (what, count, member) in shapes() {
            for status in [200, 404, 500] {
                let make = |count| match name {
                    "channels.list" => format!("[{{{}}}]", member(count)),
                    _ => format!("{{\"message\":\"x\",{}}}", member(count)),
                };
                let read = |body: &[u8]| drop(black_box(decode(RawResponse::new(status, body.to_vec()))));
                grows_evenly(&format!("{name}: {what}"), count, make, &read);
            }
        }
        let rows = |count| format!("[{}]", many(count, |at| format!("{{\"id\":\"{at}\"}}")));
        let read = |body: &[u8]| drop(black_box(decode(RawResponse::new(200, body.to_vec()))));
        grows_evenly("rows", 5_000, rows, &read);
    }
}
